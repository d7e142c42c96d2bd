// Decides how a rate of requests is written and reckoned with: as operators find it in a provider's documentation.

/// So many requests in such a time: `60/min`, `20/s`, `5000/h`.
public struct Rate: Hashable, Sendable, CustomStringConvertible {
    /// At least 1.
    public let requests: Int
    public let unit: Unit

    public enum Unit: String, Sendable, CaseIterable {
        case second = "s"
        case minute = "min"
        case hour = "h"
        case day = "d"

        public var duration: Duration {
            switch self {
            case .second: .seconds(1)
            case .minute: .seconds(60)
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            }
        }
    }

    /// More than any provider allows; keeps the interval above 1 µs.
    public static let mostRequests = 1_000_000

    public init(_ requests: Int, per unit: Unit) {
        self.requests = min(max(requests, 1), Self.mostRequests)
        self.unit = unit
    }

    /// - Parameter text: a whole number from 1 to `mostRequests`, a slash and a unit. nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let unit = Unit(rawValue: String(parts[1])),
            parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let requests = Int(parts[0]),
            (1...Self.mostRequests).contains(requests)
        else { return nil }
        self.init(requests, per: unit)
    }

    /// From one request to the next, evenly spread.
    public var interval: Duration { unit.duration / requests }

    public var perSecond: Double { Double(requests) * 1e9 / Double(unit.duration.nanoseconds) }

    public var description: String { "\(requests)/\(unit.rawValue)" }
}
