// Decides that the table is a dictionary with rules: random operations are compared with a plain model, and each rule
// of serving has its own row.

import Testing
import TokenTable
import Vocabulary
import WireProtocol

@Suite("The token table")
struct TokenTableTests {
    static let second: Int64 = 1_000_000_000

    static func token(_ text: String) -> AccessToken {
        AccessToken(
            secret: Secret(text), type: "bearer", expiresAt: WallTime(epochSeconds: 1_800_000_000))
    }

    static func boot(_ seconds: Int64, plus nanoseconds: Int64 = 0) -> BootTime {
        BootTime(nanoseconds: seconds * second + nanoseconds)
    }

    static func ask(
        _ table: TokenTable, _ name: String, minTTL: Int64 = 0, refused: Fingerprint? = nil, at now: BootTime
    ) -> String? {
        var name = name
        var output = Array("before|".utf8)
        let served = name.withUTF8 {
            table.serve(
                account: UnsafeRawBufferPointer($0), minTTL: minTTL, refused: refused, now: now, into: &output
            )
        }
        let text = String(decoding: output, as: UTF8.self)
        guard served else {
            #expect(text == "before|", "what is not served leaves the output alone")
            return nil
        }
        #expect(text.hasPrefix("before|"))
        return String(text.dropFirst("before|".count))
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var minTTL: Int64 = 0
        var refused: UInt64?
        let now: BootTime
        let served: Bool
    }

    @Test(
        "A token is served while it lives, as long as asked, and unless refused",
        arguments: [
            Rule(testDescription: "long before its expiry", now: boot(0), served: true),
            Rule(testDescription: "a nanosecond before its expiry", now: boot(100, plus: -1), served: true),
            Rule(testDescription: "at its expiry", now: boot(100), served: false),
            Rule(testDescription: "after its expiry", now: boot(101), served: false),
            Rule(testDescription: "exactly min-ttl left", minTTL: 40, now: boot(60), served: true),
            Rule(
                testDescription: "a nanosecond less than min-ttl left", minTTL: 40, now: boot(60, plus: 1),
                served: false),
            Rule(testDescription: "an absurd min-ttl", minTTL: .max, now: boot(0), served: false),
            Rule(
                testDescription: "a clock in the distant past", minTTL: 1, now: .distantPast, served: true),
            Rule(testDescription: "refused", refused: 7, now: boot(0), served: false),
            Rule(testDescription: "another one refused", refused: 8, now: boot(0), served: true),
        ])
    func rules(_ rule: Rule) {
        let table = TokenTable()
        table.publish(
            account: AccountName("p/a")!, token: Self.token("t"), fingerprint: Fingerprint(bits: 7),
            expiry: Self.boot(100))
        let answer = Self.ask(
            table, "p/a", minTTL: rule.minTTL, refused: rule.refused.map { Fingerprint(bits: $0) },
            at: rule.now)
        #expect(answer == (rule.served ? "OK 1800000000 Bearer t\n" : nil))
    }

    @Test("An account is marked as asked for whether it is served or not, and the mark outlives a new token")
    func marksAsked() {
        let table = TokenTable()
        let account = AccountName("p/a")!
        func publish() {
            table.publish(
                account: account, token: Self.token("t"), fingerprint: Fingerprint(bits: 1),
                expiry: Self.boot(100))
        }
        #expect(table.lastAsked(account) == nil)
        publish()
        #expect(table.lastAsked(account) == nil)
        #expect(Self.ask(table, "p/a", at: Self.boot(1)) != nil)
        #expect(table.lastAsked(account) == Self.boot(1))
        #expect(Self.ask(table, "p/a", at: Self.boot(200)) == nil)
        #expect(table.lastAsked(account) == Self.boot(200))
        publish()
        #expect(table.lastAsked(account) == Self.boot(200))
        table.remove(account)
        publish()
        #expect(table.lastAsked(account) == nil)
    }

    @Test("T2: A token is told another expiry: its bytes, its fingerprint and when it was asked for stay")
    func reexpires() {
        let table = TokenTable()
        let account = AccountName("p/a")!
        let shown = WallTime(epochSeconds: 90)
        table.reexpire(account: account, expiry: Self.boot(50), expiresAt: shown)
        #expect(table.count == 0, "one that is not there stays away")
        table.publish(
            account: account, token: Self.token("t"), fingerprint: Fingerprint(bits: 1),
            expiry: Self.boot(100))
        #expect(Self.ask(table, "p/a", at: Self.boot(1)) == "OK 1800000000 Bearer t\n")
        table.reexpire(account: account, expiry: Self.boot(50), expiresAt: shown)
        #expect(table.lastAsked(account) == Self.boot(1))
        #expect(Self.ask(table, "p/a", at: Self.boot(49)) == "OK 90 Bearer t\n")
        #expect(Self.ask(table, "p/a", refused: Fingerprint(bits: 1), at: Self.boot(49)) == nil)
        #expect(Self.ask(table, "p/a", at: Self.boot(50)) == nil)
    }

    @Test("Names that share a beginning, and the empty name, are different accounts")
    func comparesWholeNames() {
        let table = TokenTable()
        table.publish(
            account: AccountName("p/ab")!, token: Self.token("t"), fingerprint: Fingerprint(bits: 1),
            expiry: Self.boot(100))
        for other in ["", "p/a", "p/abc", "P/ab"] { #expect(Self.ask(table, other, at: Self.boot(1)) == nil) }
        #expect(Self.ask(table, "p/ab", at: Self.boot(1)) != nil)
    }

    @Test("Random operations leave the table equal to a dictionary", arguments: 0..<4)
    func agreesWithModel(_ round: Int) {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        let table = TokenTable()
        var model: [String: (text: String, bits: UInt64, expiry: Int64)] = [:]
        // Few names make removals hit, many make the parts grow.
        let names = [20, 500, 4000, 20000][round]
        for step in 0..<40000 {
            let name = "p/\(UInt64.random(in: 0..<UInt64(names), using: &random))"
            let account = AccountName(name)!
            switch UInt8.random(in: 0..<10, using: &random) {
            case 0..<4:
                let expiry = Int64.random(in: 0..<100, using: &random)
                let bits = UInt64.random(in: 0..<4, using: &random)
                table.publish(
                    account: account, token: Self.token("t\(step)"), fingerprint: Fingerprint(bits: bits),
                    expiry: Self.boot(expiry))
                model[name] = ("OK 1800000000 Bearer t\(step)\n", bits, expiry)
            case 4..<7:
                table.remove(account)
                model[name] = nil
            default:
                let now = Int64.random(in: 0..<100, using: &random)
                let bits = UInt64.random(in: 0..<4, using: &random)
                let expected = model[name].flatMap { now < $0.expiry && $0.bits != bits ? $0.text : nil }
                let answer = Self.ask(
                    table, name, refused: Fingerprint(bits: bits), at: Self.boot(now))
                #expect(answer == expected, "seed \(seed), step \(step), \(name)")
                guard answer == expected else { return }
            }
        }
        #expect(table.count == model.count, "seed \(seed)")
        for (name, value) in model {
            #expect(Self.ask(table, name, at: Self.boot(-1)) == value.text, "seed \(seed), \(name)")
        }
    }

    @Test("Readers on other threads see the old token or the new one, never a mixture")
    func isConsistentAcrossThreads() async {
        let table = TokenTable()
        let account = AccountName("p/a")!
        let texts = ["a", "b"].map { String(repeating: $0, count: 2000) }
        func publish(_ text: String) {
            table.publish(
                account: account, token: Self.token(text), fingerprint: Fingerprint(bits: 1),
                expiry: .distantFuture)
        }
        publish(texts[0])
        let whole = Set(texts.map { "OK 1800000000 Bearer \($0)\n" })
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for index in 0..<5000 {
                    table.publish(
                        account: AccountName("p/a")!, token: Self.token(texts[index % 2]),
                        fingerprint: Fingerprint(bits: 1), expiry: .distantFuture)
                }
                return true
            }
            group.addTask {
                for _ in 0..<5000 {
                    guard let answer = Self.ask(table, "p/a", at: Self.boot(1)), whole.contains(answer) else {
                        return false
                    }
                }
                return true
            }
            for await fine in group { #expect(fine) }
        }
    }
}

/// SplitMix64: a seed printed with a failure repeats it.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
