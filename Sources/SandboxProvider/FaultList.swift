// Decides which fault meets a request: the first in order of addition that matches and whose die falls. Later ones
// are left untouched, so that a list of faults with counts plays like a script.

/// The faults in force.
struct FaultList: Sendable {
    private struct Entry: Sendable {
        let id: Int
        let fault: Fault
        var remaining: Int?
    }

    private var entries: [Entry] = []
    private var nextID = 1
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    /// Adds a fault behind the others and returns the number by which it can be removed.
    mutating func add(_ fault: Fault) -> Int {
        entries.append(Entry(id: nextID, fault: fault, remaining: fault.count))
        nextID += 1
        return nextID - 1
    }

    mutating func remove(_ id: Int) { entries.removeAll { $0.id == id } }

    mutating func removeAll() { entries.removeAll() }

    /// The fault for this request, if any; it counts as used.
    mutating func take(endpoint: Endpoint, subject: String?, clientID: String? = nil) -> Fault.Action? {
        for index in entries.indices {
            let fault = entries[index].fault
            guard fault.endpoints.contains(endpoint), fault.subject == nil || fault.subject == subject,
                fault.clientID == nil || fault.clientID == clientID, entries[index].remaining != 0
            else { continue }
            if fault.probability < 1, Double.random(in: 0..<1, using: &generator) >= fault.probability {
                continue
            }
            if let remaining = entries[index].remaining { entries[index].remaining = remaining - 1 }
            if entries[index].remaining == 0 { entries.remove(at: index) }
            return fault.action
        }
        return nil
    }
}

/// Steele, Lea and Flood's generator (OOPSLA 2014): 64 bits of state, so that a seed in a test's output suffices.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
