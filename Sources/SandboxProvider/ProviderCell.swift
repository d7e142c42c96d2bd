// Decides who may touch the provider: whoever holds its lock, for one call. The clock is read before the lock is
// taken and events are told after it was left, so that nothing foreign runs under it.

import Glibc
import Synchronization

/// The one provider of a sandbox, shared by its connections and its owner.
final class ProviderCell: Sendable {
    private let provider: Mutex<Provider>
    private let observer = Mutex<(@Sendable (Event) -> Void)?>(nil)
    /// Seconds by which this provider's clock is ahead.
    private let clockOffset: Double

    /// The client that grants go to where none is named.
    let defaultClientID: String

    init(_ provider: Provider, clockOffset: Double, defaultClientID: String) {
        self.provider = Mutex(provider)
        self.clockOffset = clockOffset
        self.defaultClientID = defaultClientID
    }

    /// Epoch seconds on this provider's clock.
    var now: Double { Self.seconds(CLOCK_REALTIME) + clockOffset }

    /// Tells the server where it is reached.
    func serve(at baseURL: String) { withLock { $0.server.baseURL = baseURL } }

    func observe(_ observer: (@Sendable (Event) -> Void)?) { self.observer.withLock { $0 = observer } }

    func withLock<Value: Sendable>(_ body: (inout Provider) -> Value) -> Value {
        provider.withLock { body(&$0) }
    }

    /// Counts the request, tells of its fault, and returns the flight that the caller must land.
    func arrive(_ operation: Operation) -> (Flight, Fault.Action?) {
        let milliseconds = Self.seconds(CLOCK_MONOTONIC) * 1000
        let arrival = withLock { $0.arrive(operation, milliseconds: milliseconds) }
        if let fault = arrival.fault {
            tell([.faulted(subject: arrival.subject, endpoint: operation.endpoint, fault)])
        }
        let flight = Flight { [self] in
            guard operation.isTokenRequest else { return }
            withLock { $0.land(subject: arrival.subject) }
        }
        return (flight, arrival.fault)
    }

    func process(_ operation: Operation) -> Provider.Outcome {
        let now = now
        let outcome = withLock { $0.process(operation, now: now) }
        tell(outcome.events)
        return outcome
    }

    func grant(subject: String, clientID: String, scope: String?, lifetime: Double?) -> IssuedTokens {
        let now = now
        let tokens = withLock {
            $0.grant(
                subject: subject, clientID: clientID, scope: scope ?? "contacts.read", lifetime: lifetime,
                now: now)
        }
        tell([.granted(subject: subject, expiresAt: tokens.expiresAt)])
        return tokens
    }

    func revokeAll(subject: String) {
        withLock { $0.revokeAll(subject: subject) }
        tell([.revoked(subject: subject)])
    }

    private func tell(_ events: [Event]) {
        guard !events.isEmpty, let observer = observer.withLock({ $0 }) else { return }
        events.forEach(observer)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// A request in flight; it lands once, however often it is told to.
final class Flight: Sendable {
    private let isAloft = Atomic(true)
    private let onLanding: @Sendable () -> Void

    init(onLanding: @escaping @Sendable () -> Void) { self.onLanding = onLanding }

    func land() {
        if isAloft.exchange(false, ordering: .acquiringAndReleasing) { onLanding() }
    }
}
