import Foundation

/// Waits until `condition` holds, looking every 10 ms; throws when it does not within `seconds`.
func eventually(within seconds: Double = 30, _ what: String, _ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        guard Date() < deadline else { throw Wire.Failure(description: "not within \(seconds) s: \(what)") }
        poll(nil, 0, 10)
    }
}
