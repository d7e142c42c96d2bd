// Decides what a line of an import is: ADD's JSON object with `account` beside it. Pure. What the daemon would refuse
// for its form is refused here, with the same words, and not sent.

import StrictJSON
import TokenClient

/// One account to import.
struct ImportLine {
    let account: AccountName
    let request: EncodedRequest

    /// Why a line cannot be sent, and the account it names where that much could be read.
    struct Refusal: Error, Hashable {
        let account: AccountName?
        let error: RequestError
    }

    init(_ line: [UInt8], replace: Bool = false) throws(Refusal) {
        var object = try Self.object(line)
        guard let name = object["account"] else { throw Self.refuse("account is missing") }
        guard let text = name.string else {
            throw Self.refuse("account must be a string, found \(name.typeName)")
        }
        guard let account = AccountName(text) else { throw Self.refuse(AccountName.form) }
        object["account"] = nil
        do {
            var grant = try AddedGrant(object)
            if replace { grant.replace = true }
            request = try EncodedRequest(.add(account, grant))
        } catch {
            throw Refusal(account: account, error: error)
        }
        self.account = account
    }

    private static func object(_ line: [UInt8]) throws(Refusal) -> JSONObject {
        let json: JSONValue
        do { json = try JSONValue.parse(line) } catch { throw refuse("not a JSON object: \(error)") }
        guard let object = json.object else { throw refuse("expected a JSON object, found \(json.typeName)") }
        return object
    }

    /// The refusal of a line that `LineSource` would not hold.
    static let tooLong = Refusal(
        account: nil, error: RequestError(.lineTooLong, "the line is too long for a grant"))

    private static func refuse(_ sentence: String) -> Refusal {
        Refusal(account: nil, error: RequestError(.badRequest, sentence))
    }

    /// Whether `line` has nothing but white space.
    static func isBlank(_ line: [UInt8]) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }
}
