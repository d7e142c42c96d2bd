// Decides what of an issuer's metadata outlives the process that read it, and for how long. Only the endpoints and facts that we
// use are kept, written as a document of the same form: reading it back is reading a document, with every check that a fresh
// one has to pass.

import StrictJSON
import Vocabulary

/// A server's metadata, and when it last said so.
public struct ConfirmedMetadata: Hashable, Sendable {
    public let metadata: ServerMetadata
    public let confirmedAt: WallTime

    /// A start goes by nothing older. An outage is over in days; but a host that the issuer has given up may be another's one
    /// day, and whoever puts an old file back must not have tokens sent there: a domain name that was deleted is kept for its
    /// last owner for 30 days (ICANN, Expired Registration Recovery Policy §3.1).
    static let longestAge = Duration.seconds(30 * 86_400)
    /// What has not changed is written anew only to tell its age, of which a day is a small part.
    static let renewal = Duration.seconds(86_400)

    public init(_ metadata: ServerMetadata, confirmedAt: WallTime) {
        self.metadata = metadata
        self.confirmedAt = confirmedAt
    }

    /// Reads back what an earlier process kept of `issuer`'s document (`ServerMetadata.kept`).
    ///
    /// One that is of the future is taken: the clock was wrong then or is now, and tells nothing of its age.
    public init(
        kept document: [UInt8], confirmedAt: WallTime, issuer: String, now: WallTime
    ) throws(MetadataProblem) {
        guard now - confirmedAt <= Self.longestAge else { throw .outdated }
        self.init(try ServerMetadata(document, issuer: issuer), confirmedAt: confirmedAt)
    }

    /// Whether this is to be kept in place of `kept`: it says something else, or `kept` is of another day. A clock that was never
    /// set dates nothing.
    public func isWorthKeeping(over kept: Self?) -> Bool {
        guard confirmedAt.isPlausible else { return false }
        guard let kept, kept.metadata == metadata else { return true }
        let age = confirmedAt - kept.confirmedAt
        return age < .zero || age >= Self.renewal
    }
}

extension ServerMetadata {
    /// The part of the document that we use, as a document.
    public var kept: [UInt8] {
        let document: JSONValue = [
            "issuer": .string(issuer),
            EndpointName.authorization.rawValue: JSONValue(authorizationEndpoint),
            EndpointName.token.rawValue: JSONValue(tokenEndpoint),
            EndpointName.revocation.rawValue: JSONValue(revocationEndpoint),
            EndpointName.deviceAuthorization.rawValue: JSONValue(deviceAuthorizationEndpoint),
            Self.issuerInAnswers: .bool(sendsIssuer),
        ]
        return Array(document.serialized.utf8)
    }
}
