// Decides how a provider's description points into an answer: JSON Pointer (RFC 6901).

import StrictJSON

extension JSONValue {
    /// The value at `pointer`, such as `/errors/0/errorType`; the empty pointer is the value itself.
    func at(_ pointer: String) -> JSONValue? {
        if pointer.isEmpty { return self }
        guard pointer.first == "/" else { return nil }
        var value = self
        for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = String(token).replacing("~1", with: "/").replacing("~0", with: "~")
            switch value {
            case .object(let object):
                guard let member = object[name] else { return nil }
                value = member
            case .array(let array):
                guard let index = Int(name), array.indices.contains(index) else { return nil }
                value = array[index]
            default: return nil
            }
        }
        return value
    }

    /// A number, or a string that is one, as JSON writes numbers.
    var numeric: JSONNumber? {
        switch self {
        case .number(let number): number
        case .string(let text): (try? JSONValue.parse(text))?.number
        default: nil
        }
    }
}
