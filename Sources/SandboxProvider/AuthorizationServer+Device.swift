// Decides the device authorization grant (RFC 8628): a code polled too often slows its client down, and what the user
// decided is told once. Nobody sits at the second device: whoever opens the verification page with a code decides.

/// A device code with what its user must see (RFC 8628 §3.2).
public struct DeviceAuthorization: Hashable, Sendable {
    public let deviceCode: String
    public let userCode: String
    /// Seconds until both codes lapse.
    public let lifetime: Double
    /// Seconds between two polls.
    public let interval: Double
}

extension AuthorizationServer {
    struct Device: Sendable {
        enum Decision: Hashable, Sendable {
            case none
            case approved(subject: String)
            case denied
            /// It was exchanged for the tokens of this family.
            case redeemed(family: Int)
        }

        let clientID: String
        let scope: String
        let userCode: String
        let expiresAt: Double
        var interval: Double
        var polledAt: Double?
        var decision = Decision.none
    }

    /// Begins a login at another device.
    ///
    /// - Precondition: the client is registered.
    public mutating func authorizeDevice(clientID: String, scope: String, now: Double) -> DeviceAuthorization
    {
        precondition(clients[clientID] != nil, "a device code must go to a registered client")
        let index = devices.count
        let device = Device(
            clientID: clientID, scope: scope, userCode: mint.userCode(index),
            expiresAt: now + policy.deviceCodeLifetime, interval: policy.deviceInterval)
        devices.append(device)
        let code = mint.token(
            TokenClaims(kind: .device, family: index, serial: 0, expiresAt: device.expiresAt))
        return DeviceAuthorization(
            deviceCode: code, userCode: device.userCode, lifetime: policy.deviceCodeLifetime,
            interval: device.interval)
    }

    /// The user's decision, made at the verification page: approves, or denies where `subject` is nil. False where the
    /// code is unknown, has lapsed, or was decided before.
    public mutating func decide(userCode: String, subject: String?, now: Double) -> Bool {
        // RFC 8628 §6.1: what a person types may lack the dash and be in lower case.
        let typed = userCode.uppercased().filter { $0 != "-" }
        guard let index = devices.firstIndex(where: { $0.userCode.filter { $0 != "-" } == typed }),
            now < devices[index].expiresAt, devices[index].decision == .none
        else { return false }
        devices[index].decision = subject.map { .approved(subject: $0) } ?? .denied
        return true
    }

    /// One poll with a device code (RFC 8628 §3.4 and §3.5).
    public mutating func redeem(deviceCode: String, clientID: String, now: Double) throws(Refusal)
        -> IssuedTokens
    {
        guard let claims = claims(deviceCode), claims.kind == .device else { throw .unknownGrant }
        let device = devices[claims.family]
        guard device.clientID == clientID else { throw .foreignGrant }
        if case .redeemed(let family) = device.decision {
            families[family].isRevoked = true
            throw .reused
        }
        guard now < device.expiresAt else { throw .deviceLapsed }
        switch device.decision {
        case .none: throw pending(claims.family, now: now)
        case .denied, .redeemed: throw .accessDenied
        case .approved(let subject):
            devices[claims.family].decision = .redeemed(family: families.count)
            return grant(subject: subject, clientID: clientID, scope: device.scope, now: now)
        }
    }

    /// Notes a poll that came before the decision, and tells whether it came too early.
    private mutating func pending(_ index: Int, now: Double) -> Refusal {
        defer { devices[index].polledAt = now }
        guard let last = devices[index].polledAt, now < last + devices[index].interval else {
            return .authorizationPending
        }
        devices[index].interval += policy.slowDown
        return .slowDown
    }
}
