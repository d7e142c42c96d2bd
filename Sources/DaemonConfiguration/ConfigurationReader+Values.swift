// Decides how values of more than one part are taken out of a document, by the rules of single ones.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    /// The truth value at `key`.
    mutating func flag(_ key: String, of section: Section) -> Bool? {
        guard let value = section.object[key] else { return nil }
        guard let flag = value.bool else {
            report(section.path(of: key), .wrongType(expected: "true or false", found: value.typeName))
            return nil
        }
        return flag
    }

    /// The duration at `key`.
    mutating func duration(_ key: String, of section: Section, _ rule: TextRule) -> Duration? {
        text(key, of: section, rule).flatMap(Duration.init(configuration:))
    }

    /// The word at `key` as the value of which it is the raw one.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, of section: Section, kind: String, as type: Word.Type
    ) -> Word? where Word.RawValue == String {
        word(key, of: section, kind: kind, known: Word.allCases.map(\.rawValue)).flatMap(Word.init)
    }

    /// The list of texts at `key`, in which something has to stand.
    mutating func someTexts(_ key: String, of section: Section, _ rule: TextRule) -> [String]? {
        guard let texts = texts(key, of: section, rule) else { return nil }
        if section.object[key]?.array?.isEmpty == true {
            report(section.path(of: key), .unacceptable(expected: "an array that is not empty"))
            return nil
        }
        return texts
    }

    /// The object at `key`, whose keys are the operator's own.
    mutating func mapping(_ key: String, of section: Section) -> Section? {
        guard let value = section.object[key] else { return nil }
        let path = section.path(of: key)
        guard let object = value.object else {
            report(path, .wrongType(expected: "an object", found: value.typeName))
            return nil
        }
        return Section(path: path, object: object)
    }

    /// The object of texts at `key`; `nameRule` is for its keys.
    mutating func textsByName(
        _ key: String, of section: Section, names nameRule: TextRule, _ rule: TextRule
    ) -> [String: String]? {
        guard let mapping = mapping(key, of: section) else { return nil }
        var texts: [String: String] = [:]
        for name in mapping.object.names where isAccepted(name, in: mapping, by: nameRule) {
            if let text = text(name, of: mapping, rule) { texts[name] = text }
        }
        return texts
    }

    /// Whether `name`, a key of `mapping`, is one that `rule` accepts; reports it where not.
    mutating func isAccepted(_ name: String, in mapping: Section, by rule: TextRule) -> Bool {
        if rule.accepts(name) { return true }
        report(mapping.path(of: name), .unacceptable(expected: "\(rule.expected) as the key"))
        return false
    }

    /// The path of a file at `key` that can be read now.
    mutating func readableFile(_ key: String, of section: Section) -> String? {
        guard let path = text(key, of: section, .absolutePath) else { return nil }
        do {
            _ = try environment.file(path)
        } catch {
            report(section.path(of: key), .file(path: path, error))
        }
        return path
    }

    /// Reports that `key` is not there but has to be.
    mutating func require(_ key: String, of section: Section, _ expected: String) {
        if section.object[key] == nil { report(section.path(of: key), .missing(expected: expected)) }
    }
}
