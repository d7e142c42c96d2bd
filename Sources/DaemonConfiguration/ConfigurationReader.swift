// Decides how single values are taken out of a document: a wrong one is reported and taken as absent, so that reading
// goes on and finds the other mistakes. Decoding through Codable was rejected: it stops at the first mistake and
// ignores unknown keys.

import StrictJSON
import Vocabulary

struct ConfigurationReader {
    let environment: Environment
    private(set) var errors: [ConfigurationError] = []

    init(environment: Environment) { self.environment = environment }

    /// An object of the document and where it is.
    struct Section {
        let path: String
        let object: JSONObject

        func path(of key: String) -> String { path.isEmpty ? Self.step(key) : "\(path).\(Self.step(key))" }

        /// A key that is no plain word is quoted, and cut where it is longer than any sensible one.
        private static func step(_ key: String) -> String {
            let isPlain = { (byte: UInt8) in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            let isWord = (1...64).contains(key.utf8.count) && key.utf8.allSatisfy(isPlain)
            return isWord ? key : JSONValue.string(String(key.prefix(64))).serialized
        }
    }

    mutating func report(_ path: String, _ problem: ConfigurationError.Problem) {
        errors.append(ConfigurationError(path: path, problem: problem))
    }

    /// `value` as an object whose keys are all among `keys`; those that are not are reported and passed over.
    mutating func section(_ value: JSONValue, at path: String, keys: [String]) -> Section? {
        guard let object = value.object else {
            report(path, .wrongType(expected: "an object", found: value.typeName))
            return nil
        }
        let section = Section(path: path, object: object)
        for key in object.names where !keys.contains(key) {
            report(section.path(of: key), .unknownKey(known: EditDistance.nearestFirst(keys, to: key)))
        }
        return section
    }

    /// The section `key` of `section`, empty when it is absent or wrong.
    mutating func subsection(_ key: String, of section: Section, keys: [String]) -> Section {
        let path = section.path(of: key)
        return section.object[key].flatMap { self.section($0, at: path, keys: keys) }
            ?? Section(path: path, object: JSONObject())
    }

    /// The text at `key`, if there is one and `rule` accepts it.
    mutating func text(_ key: String, of section: Section, _ rule: TextRule) -> String? {
        guard let value = section.object[key] else { return nil }
        return text(value, at: section.path(of: key), rule)
    }

    /// The text at `key`; its absence is a mistake.
    mutating func requiredText(_ key: String, of section: Section, _ rule: TextRule) -> String? {
        if section.object[key] == nil { report(section.path(of: key), .missing(expected: rule.expected)) }
        return text(key, of: section, rule)
    }

    private mutating func text(_ value: JSONValue, at path: String, _ rule: TextRule) -> String? {
        guard let text = value.string else {
            report(path, .wrongType(expected: rule.expected, found: value.typeName))
            return nil
        }
        guard rule.accepts(text) else {
            report(path, .unacceptable(expected: rule.expected))
            return nil
        }
        return text
    }

    /// The whole number at `key`, if there is one and it is in `range`.
    mutating func integer(_ key: String, of section: Section, within range: ClosedRange<Int>) -> Int? {
        guard let value = section.object[key] else { return nil }
        let path = section.path(of: key)
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let number = value.number else {
            report(path, .wrongType(expected: expected, found: value.typeName))
            return nil
        }
        guard let integer = number.exactInteger.flatMap(Int.init(exactly:)), range.contains(integer) else {
            report(path, .unacceptable(expected: expected))
            return nil
        }
        return integer
    }

    /// The word at `key`, if it is one of `known`; `kind` is what such a word is called.
    mutating func word(_ key: String, of section: Section, kind: String, known: [String]) -> String? {
        guard let value = section.object[key] else { return nil }
        let path = section.path(of: key)
        guard let word = value.string else {
            report(path, .wrongType(expected: "a string", found: value.typeName))
            return nil
        }
        guard known.contains(word) else {
            report(path, .unknownValue(kind: kind, known: EditDistance.nearestFirst(known, to: word)))
            return nil
        }
        return word
    }

    /// The list of texts at `key`.
    mutating func texts(_ key: String, of section: Section, _ rule: TextRule) -> [String]? {
        guard let value = section.object[key] else { return nil }
        let path = section.path(of: key)
        guard let array = value.array else {
            report(path, .wrongType(expected: "an array of strings", found: value.typeName))
            return nil
        }
        var texts: [String] = []
        for (index, element) in array.enumerated() {
            if let text = text(element, at: "\(path)[\(index)]", rule) { texts.append(text) }
        }
        return texts
    }

    /// The secret reference at `key`, with the secret it leads to.
    mutating func secret(
        _ key: String, of section: Section
    ) -> (reference: SecretReference, secret: Secret)? {
        guard let value = section.object[key] else { return nil }
        let path = section.path(of: key)
        guard let reference = secretReference(value, at: path) else { return nil }
        do {
            return (reference, try reference.resolve(in: environment))
        } catch {
            report(path, .secret(error))
            return nil
        }
    }

    static let secretForms = "a secret reference such as {\"credential\": NAME}"

    private mutating func secretReference(_ value: JSONValue, at path: String) -> SecretReference? {
        if let literal = value.string { return .literal(Secret(literal)) }
        guard value.object != nil else {
            report(path, .wrongType(expected: Self.secretForms, found: value.typeName))
            return nil
        }
        guard let section = section(value, at: path, keys: ["credential", "file", "env"]) else { return nil }
        guard section.object.members.count == 1 else {
            report(path, .unacceptable(expected: "exactly one of credential, file, env"))
            return nil
        }
        return text("credential", of: section, .credentialName).map(SecretReference.credential)
            ?? text("file", of: section, .absolutePath).map(SecretReference.file)
            ?? text("env", of: section, .variableName).map(SecretReference.env)
    }
}
