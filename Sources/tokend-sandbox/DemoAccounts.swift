// Decides what the demo's accounts are called and with whom they are. Both providers have the same people, so that the
// dialects can be compared side by side.

import Vocabulary

/// The accounts of a demo, half at the provider `sandbox` (plain RFC 6749), half at `seamless`.
struct DemoAccounts: Hashable, Sendable {
    /// More would take seconds to add one by one; what they would show is the benchmark's business.
    static let counts = 1...10_000

    private static let people = [
        "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj",
        "olivia", "peggy", "rupert", "sybil", "trent", "victor", "walter", "yvonne",
    ]

    let names: [AccountName]

    /// - Parameter count: one of `counts`; of an odd number `sandbox` has one more.
    init(count: Int) {
        names = (0..<count).map { index in
            let provider = index.isMultiple(of: 2) ? "sandbox" : "seamless"
            guard let name = AccountName("\(provider)/\(Self.person(index / 2))") else {
                preconditionFailure("a person's name is an account name")
            }
            return name
        }
    }

    /// `alice` to `yvonne`, then `alice-2` and so on.
    private static func person(_ index: Int) -> String {
        let (round, place) = index.quotientAndRemainder(dividingBy: people.count)
        return round == 0 ? people[place] : "\(people[place])-\(round + 1)"
    }

    /// The one to show a socket client with.
    var first: AccountName { names[0] }

    /// The one to call the provider's API with: of its own dialect where there is one.
    var caller: AccountName { names.first { $0.provider.text == "seamless" } ?? first }

    /// The one whose grant may be revoked, the other examples going on; nil where there are too few. Of the plain
    /// dialect, whose refusal says that the user must log in; Seamless's does not.
    var victim: AccountName? { names.count > 2 ? names.last { $0.provider.text == "sandbox" } : nil }
}
