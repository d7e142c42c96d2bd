// Decides what kind of thing a body is, whatever its Content-Type claims: token endpoints mislabel both ways. Tells
// the body's shape for the log: names and kinds, never a value.

import StrictJSON

/// A token endpoint's body, read as far as it can be.
enum AnswerBody {
    case empty
    /// A JSON object, or a form as a flat object of strings.
    case object(JSONObject)
    case otherJSON(JSONValue)
    case html
    /// Text that is neither JSON nor a form nor a page; the problem is JSON's.
    case unreadable(JSONError)

    init(_ bytes: [UInt8]) {
        do {
            self.init(try JSONValue.parse(bytes))
        } catch  where error.problem == .empty {
            self = .empty
        } catch {
            let text = AnswerText.repaired(bytes)
            if let value = try? JSONValue.parse(text) {
                self.init(value)
            } else if text.first(where: { !Self.spaces.contains($0) }) == UInt8(ascii: "<") {
                self = .html
            } else if let form = Self.form(text) {
                self = .object(form)
            } else {
                self = .unreadable(error)
            }
        }
    }

    /// JSON in a JSON string is what some frameworks make of a text that was JSON already.
    private init(_ value: JSONValue) {
        let inner = value.string.flatMap { (try? JSONValue.parse($0))?.object }
        self = (value.object ?? inner).map(AnswerBody.object) ?? .otherJSON(value)
    }

    var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    /// What paths point into.
    var value: JSONValue? {
        switch self {
        case .object(let object): .object(object)
        case .otherJSON(let value): value
        case .empty, .html, .unreadable: nil
        }
    }
    /// Whether it has members or elements: what stands in front of a token endpoint speaks in words.
    var isStructured: Bool { value?.object != nil || value?.array != nil }
    var isEmpty: Bool { if case .empty = self { true } else { false } }

    /// The body's kind and member names, fit for a log.
    var shape: String {
        switch self {
        case .empty: "an empty body"
        case .object(let object): Self.shape(of: object)
        case .otherJSON(let value): "JSON, but \(value.typeName)"
        case .html: "HTML"
        case .unreadable(let error): "neither JSON nor a form: \(error)"
        }
    }

    /// The bytes that JSON skips in front of a value, and those of a byte order mark.
    private static let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]

    /// More names than a token answer has would only let a provider fill our log.
    private static let mostNames = 12

    private static func shape(of object: JSONObject) -> String {
        guard !object.members.isEmpty else { return "an object without members" }
        var names = object.names.prefix(mostNames).map { LogSafe.code($0) ?? "?" }
        if object.members.count > mostNames { names.append("...") }
        return "an object of \(names.joined(separator: ", "))"
    }

    /// A form, also one whose author has encoded neither spaces nor what is not ASCII, or ended it with `&`.
    private static func form(_ bytes: [UInt8]) -> JSONObject? {
        let text = bytes.drop { spaces.contains($0) }.reversed().drop { spaces.contains($0) }.reversed()
        let encoded = text.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x20: [UInt8(ascii: "+")]
            case 0x80...: Array(FormEncoding.percentEncoded(byte).utf8)
            default: [byte]
            }
        }
        let pairs = encoded.split(separator: UInt8(ascii: "&"))
        let joined = Array(pairs.joined(separator: [UInt8(ascii: "&")]))
        guard pairs.count <= mostPairs, let parameters = FormEncoding.decode(joined) else { return nil }
        var object = JSONObject()
        for (name, value) in parameters { object[name] = .string(value) }
        return joined.elementsEqual(text) || isAnswer(object) ? object : nil
    }

    /// No answer has more, and each is looked for among those before it.
    private static let mostPairs = 200

    /// Whether what is only nearly a form is an answer: a sentence with an equals sign in it is none.
    private static func isAnswer(_ form: JSONObject) -> Bool {
        guard form.names.allSatisfy({ LogSafe.code($0) != nil }) else { return false }
        return form["access_token"] != nil || form["error"]?.string.flatMap(LogSafe.code) != nil
    }
}

/// What of a stranger's text may stand in a log.
enum LogSafe {
    /// `text` when it looks like an error code or a member name: 1 to 64 of `[A-Za-z0-9_.-]`. 64 is longer than any
    /// code known and shorter than most tokens.
    static func code(_ text: String) -> String? {
        let isWord = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isWord) ? text : nil
    }
}
