// Decides the form of a sealed record in JSON. Nanoseconds are texts: tools that pass JSON on through Double would round
// them, and the seal covers every digit. A member that is not known is refused, not skipped: it might mean something to a
// later version that this one must not get wrong.

import StrictJSON
import Vocabulary

extension SealedRecord {
    public var json: JSONValue { .object(object) }

    var object: JSONObject {
        var object: JSONObject = [
            "record": JSONValue(record.rowID), "account": .string(account.text),
            "generation": JSONValue(generation.number), "token_endpoint": .string(tokenEndpoint),
        ]
        object.set("expires_at_ns", expiresAt?.nanoseconds)
        object.set("obtained_at_ns", obtainedAt?.nanoseconds)
        object.set("last_success_at_ns", lastSuccessAt?.nanoseconds)
        if let mark { object["mark"] = mark.json }
        object["sealed_access"] = .string(Base64.encode(sealedAccess))
        object["sealed_refresh"] = .string(Base64.encode(sealedRefresh))
        object["tag"] = .string(Base64.encode(tag))
        return object
    }

    /// Reads the members of a backup's line.
    /// - Throws: `bad-request`, naming the member.
    public init(_ object: JSONObject) throws(RequestError) {
        var fields = Fields(object)
        try self.init(&fields)
        try fields.finish()
    }

    init(_ fields: inout Fields) throws(RequestError) {
        let record = RecordID(rowID: try fields.count("record"))
        guard let account = AccountName(try fields.text("account")) else {
            throw .badRequest("account is not <provider>/<name>")
        }
        let generation = Generation(UInt64(try fields.count("generation")))
        let endpoint = try fields.text("token_endpoint")
        guard Secret(endpoint).isHeaderSafe, endpoint.utf8.count <= Self.longestEndpoint else {
            throw .badRequest("token_endpoint is no URL of visible ASCII")
        }
        self.init(
            record: record, account: account, generation: generation, tokenEndpoint: endpoint,
            expiresAt: try fields.nanoseconds("expires_at_ns").map(WallTime.init(nanoseconds:)),
            obtainedAt: try fields.nanoseconds("obtained_at_ns").map(WallTime.init(nanoseconds:)),
            lastSuccessAt: try fields.nanoseconds("last_success_at_ns").map(WallTime.init(nanoseconds:)),
            sealedRefresh: try fields.bytes("sealed_refresh"),
            sealedAccess: try fields.bytes("sealed_access"),
            mark: try fields.object("mark").map { object throws(RequestError) in try SealedMark(object) },
            tag: try fields.bytes("tag"))
    }

    /// Refusals repeat it: a line for a person stays one.
    private static let longestEndpoint = 1024
}

extension SealedMark {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["state": .string(state.rawValue)]
        if let reason { object["reason"] = .string(reason.rawValue) }
        object["refresh_hash"] = .string(Base64.encode(refreshHash))
        object["boot_id"] = .string(bootID)
        object.set("since_boot_ns", presentation.since.boot.nanoseconds)
        object.set("since_wall_ns", presentation.since.wall.nanoseconds)
        object.set("last_boot_ns", presentation.last.boot.nanoseconds)
        object.set("last_wall_ns", presentation.last.wall.nanoseconds)
        object["late_replays"] = JSONValue(presentation.lateReplays)
        return .object(object)
    }

    fileprivate init(_ object: JSONObject) throws(RequestError) {
        var fields = Fields(object)
        guard let state = State(rawValue: try fields.text("state")) else {
            throw .badRequest("state is none that a mark has")
        }
        let reason = try fields.optionalText("reason").map { text throws(RequestError) in
            guard let reason = Reason(rawValue: text) else { throw .badRequest("reason is not known") }
            return reason
        }
        let presentation = Presentation(
            since: try fields.moment("since"), last: try fields.moment("last"),
            lateReplays: Int(try fields.count("late_replays")))
        self.init(
            refreshHash: try fields.bytes("refresh_hash"), bootID: try fields.text("boot_id"), state: state,
            reason: reason, presentation: presentation)
        try fields.finish()
    }
}

extension JSONObject {
    fileprivate mutating func set(_ name: String, _ nanoseconds: Int64?) {
        if let nanoseconds { self[name] = .string(String(nanoseconds)) }
    }
}

/// The members of an object, taken by name; null counts as absent.
struct Fields {
    private var rest: [JSONObject.Member]

    init(_ object: JSONObject) { rest = object.members.filter { $0.value != .null } }

    private mutating func take(_ name: String) -> JSONValue? {
        rest.firstIndex { $0.name == name }.map { rest.remove(at: $0).value }
    }

    private mutating func required(_ name: String) throws(RequestError) -> JSONValue {
        guard let value = take(name) else { throw .badRequest("\(name) is missing") }
        return value
    }

    mutating func text(_ name: String) throws(RequestError) -> String {
        let value = try required(name)
        guard let text = value.string else { throw Self.wrongType(name, "a string", value) }
        return text
    }

    mutating func optionalText(_ name: String) throws(RequestError) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value.string else { throw Self.wrongType(name, "a string", value) }
        return text
    }

    mutating func flag(_ name: String) throws(RequestError) -> Bool {
        guard let value = take(name) else { return false }
        guard let flag = value.bool else { throw Self.wrongType(name, "a boolean", value) }
        return flag
    }

    mutating func count(_ name: String) throws(RequestError) -> Int64 {
        let value = try required(name)
        guard let count = value.number?.exactInteger, count >= 0 else {
            throw Self.wrongType(name, "a whole number", value)
        }
        return count
    }

    mutating func nanoseconds(_ name: String) throws(RequestError) -> Int64? {
        guard let text = try optionalText(name) else { return nil }
        guard let nanoseconds = Int64(text) else { throw .badRequest("\(name) is no number of nanoseconds") }
        return nanoseconds
    }

    mutating func moment(_ name: String) throws(RequestError) -> Moment {
        guard let boot = try nanoseconds(name + "_boot_ns"), let wall = try nanoseconds(name + "_wall_ns")
        else { throw .badRequest("\(name)_boot_ns or \(name)_wall_ns is missing") }
        return Moment(boot: BootTime(nanoseconds: boot), wall: WallTime(nanoseconds: wall))
    }

    mutating func bytes(_ name: String) throws(RequestError) -> [UInt8] {
        guard let bytes = Base64.decode(try text(name)) else { throw .badRequest("\(name) is not base64") }
        return bytes
    }

    mutating func object(_ name: String) throws(RequestError) -> JSONObject? {
        guard let value = take(name) else { return nil }
        guard let object = value.object else { throw Self.wrongType(name, "an object", value) }
        return object
    }

    /// Everything must have been taken.
    func finish() throws(RequestError) {
        guard rest.isEmpty else { throw .badRequest("a member that a backup's record does not have") }
    }

    private static func wrongType(_ name: String, _ expected: String, _ found: JSONValue) -> RequestError {
        .badRequest("\(name) must be \(expected), found \(found.typeName)")
    }
}
