// Decides how a script writes a fault: one flat object, `{"action": "respond", "status": 503, "count": 2}`. Nested
// actions, as a synthesized Codable wants them, were rejected because people type these into curl. A member that the
// action does not use is an error, since a fault that is silently milder than meant makes a test pass.

import FoundationEssentials

extension Fault: Decodable {
    private enum Member: String, CodingKey, CaseIterable {
        case action, endpoint, subject, count, probability
        case seconds, status, headers, body
        case clientID = "client_id"
        case bodyBase64 = "body_base64"
    }

    private struct AnyMember: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads `action` (this type's case names in kebab case) with `endpoint` (a name or a list of names), `subject`,
    /// `client_id`, `count`, `probability`, and what the action needs: `seconds`, or `status`, `headers` and `body` or
    /// `body_base64`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Member.self)
        let name = try container.decode(String.self, forKey: .action)
        var allowed: Set<Member> = [.action, .endpoint, .subject, .clientID, .count, .probability]
        switch name {
        case "delay", "delay-answer", "drip": allowed.insert(.seconds)
        case "respond", "body-override": allowed.formUnion([.status, .headers, .body, .bodyBase64])
        default: break
        }
        let present = try decoder.container(keyedBy: AnyMember.self).allKeys.map(\.stringValue)
        for member in present where !allowed.contains(where: { $0.rawValue == member }) {
            throw Self.malformed(container, "\(member) is not a member of a fault of this kind")
        }
        self.init(
            try Self.action(name, container), endpoints: try Self.endpoints(container),
            subject: try container.decodeIfPresent(String.self, forKey: .subject),
            clientID: try container.decodeIfPresent(String.self, forKey: .clientID),
            count: try container.decodeIfPresent(Int.self, forKey: .count),
            probability: try container.decodeIfPresent(Double.self, forKey: .probability) ?? 1)
    }

    private static func action(
        _ name: String, _ container: KeyedDecodingContainer<Member>
    ) throws -> Action {
        switch name {
        case "delay": return .delay(seconds: try seconds(container))
        case "delay-answer": return .delayAnswer(seconds: try seconds(container))
        case "respond": return .respond(try answer(container))
        case "body-override": return .bodyOverride(try answer(container))
        case "drop-before": return .dropBefore
        case "rotate-and-lose": return .rotateAndLose
        case "truncate": return .truncate
        case "hang": return .hang
        // One byte per second is slow enough for every timeout and still moves.
        case "drip": return .drip(secondsPerByte: try seconds(container, otherwise: 1))
        case "huge": return .huge
        case "endless-head": return .endlessHead
        default: throw malformed(container, "there is no action \(name)")
        }
    }

    private static func seconds(
        _ container: KeyedDecodingContainer<Member>, otherwise: Double? = nil
    ) throws -> Double {
        let given = try container.decodeIfPresent(Double.self, forKey: .seconds) ?? otherwise
        // A year, because a sleep of more than Int64's nanoseconds would trap.
        guard let given, (0...31_536_000).contains(given) else {
            throw malformed(container, "seconds must be a number from 0 to a year")
        }
        return given
    }

    private static func answer(_ container: KeyedDecodingContainer<Member>) throws -> ScriptedAnswer {
        let status = try container.decodeIfPresent(Int.self, forKey: .status) ?? 200
        let headers = try container.decodeIfPresent([String: String].self, forKey: .headers) ?? [:]
        guard (200...599).contains(status) else { throw malformed(container, "status must be 200 to 599") }
        guard headers.keys.allSatisfy(Answer.isHeaderName) else {
            throw malformed(container, "a header's name has a character that none may have")
        }
        let text = try container.decodeIfPresent(String.self, forKey: .body)
        let data = try container.decodeIfPresent(Data.self, forKey: .bodyBase64)
        guard text == nil || data == nil else {
            throw malformed(container, "body and body_base64 exclude another")
        }
        let body = data.map { Array($0) } ?? Array((text ?? "").utf8)
        return ScriptedAnswer(status: status, headers: headers, body: body)
    }

    private static func endpoints(_ container: KeyedDecodingContainer<Member>) throws -> Set<Endpoint> {
        guard container.contains(.endpoint) else { return .tokenEndpoints }
        if let one = try? container.decode(Endpoint.self, forKey: .endpoint) { return [one] }
        return Set(try container.decode([Endpoint].self, forKey: .endpoint))
    }

    private static func malformed(
        _ container: KeyedDecodingContainer<Member>, _ sentence: String
    ) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: container.codingPath, debugDescription: sentence))
    }
}
