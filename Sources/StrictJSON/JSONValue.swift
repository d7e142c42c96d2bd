// Decides what JSON is here: RFC 8259, with the ambiguities that have bitten token clients refused. Foundation's
// reader was rejected because it silently keeps one of two equal names, rounds numbers through Double and cannot tell
// `true` from 1 on every platform; a configuration, an ADD or a token answer with two `refresh_token`s must not be
// guessed at.

/// A JSON value that keeps the order of members and the digits of numbers.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The value's type in words, for error messages: `a string`, `an object`.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    public var string: String? { if case .string(let string) = self { string } else { nil } }
    public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    public var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
    public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    public var number: JSONNumber? { if case .number(let number) = self { number } else { nil } }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// - Precondition: the names are unique.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }

    public init(_ integer: some BinaryInteger) { self = .number(JSONNumber(Int64(clamping: integer))) }

    /// `string` or, where there is none, null.
    public init(_ string: String?) { self = string.map(JSONValue.string) ?? .null }
    /// `integer` or, where there is none, null.
    public init(_ integer: Int64?) { self = integer.map { .number(JSONNumber($0)) } ?? .null }
}

/// A JSON number by its digits, exact whatever its size (RFC 8259 §6).
public struct JSONNumber: Hashable, Sendable {
    /// The number as it was written.
    public let text: String

    init(validated text: String) { self.text = text }

    public init(_ integer: Int64) { text = String(integer) }

    /// The value where the number is written as a plain integer that fits.
    public var exactInteger: Int64? { Int64(text) }

    /// The largest integer not above the value, clamped to Int64: 3599.98 is 3599, 3.6e3 is 3600, 1e30 is `Int64.max`.
    public var flooredInteger: Int64 {
        if let exactInteger { return exactInteger }
        let value = (Double(text) ?? 0).rounded(.down)
        // Int64(Double) traps outside its range; 2^63 itself is the first value above it.
        if value >= 0x1p63 { return .max }
        if value < -0x1p63 { return .min }
        return Int64(value)
    }
}

/// A JSON object: its members in the order they were written, names unique.
public struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    public private(set) var members: [Member]

    /// One name and its value.
    public struct Member: Hashable, Sendable {
        public let name: String
        public let value: JSONValue
    }

    public init() { members = [] }

    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// - Precondition: the names are unique.
    init(_ elements: [(String, JSONValue)]) {
        members = elements.map(Member.init)
        precondition(Set(members.map(\.name)).count == members.count, "a JSON object's names are unique")
    }

    /// The value of `name`, or nil; setting it replaces, adds or, with nil, removes. Linear: our objects are small.
    public subscript(name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index] = Member(name: name, value: value)
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    public var names: [String] { members.map(\.name) }

    /// Adds a member whose name is not there yet.
    mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }
}
