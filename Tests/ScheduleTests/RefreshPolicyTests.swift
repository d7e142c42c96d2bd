// Decides the table of margins, and that no lifetime makes a loop or a trap.

import Schedule
import Testing
import Vocabulary

@Suite("The refresh policy")
struct RefreshPolicyTests {
    static let margins: [(lifetime: Duration, margin: Duration)] = [
        (.zero, .zero),
        (.seconds(-5), .zero),
        (.nanoseconds(1), .zero),
        (.seconds(1), .milliseconds(500)),
        (.seconds(15), .milliseconds(7500)),
        (.seconds(59), .milliseconds(29_500)),
        (.seconds(60), .seconds(30)),
        (.seconds(61), .seconds(30)),
        (.seconds(150), .seconds(30)),
        (.seconds(155), .seconds(31)),
        (.seconds(3600), .seconds(720)),
        (.seconds(18_000), .seconds(3600)),
        (.seconds(18_005), .seconds(3600)),
        (.seconds(86_400), .seconds(3600)),
        (.seconds(Int64.max), .seconds(3600)),
        (.seconds(Int64.min), .zero),
    ]

    @Test("keeps a fifth of the lifetime, 30 s to 1 h, at most half", arguments: margins)
    func margin(lifetime: Duration, margin: Duration) {
        #expect(RefreshPolicy.margin(lifetime: lifetime) == margin)
    }

    @Test(
        "is due between one and one and a half margins before the expiry, anywhere in it", arguments: margins)
    func dueWindow(lifetime: Duration, margin: Duration) {
        var generator = SeededGenerator(seed: 1)
        let expiry = BootTime(nanoseconds: 1 << 60)
        let dues = (0..<2000).map { _ in
            RefreshPolicy.due(expiry: expiry, lifetime: lifetime, using: &generator)
        }
        let (earliest, latest) = (expiry - margin - margin / 2, expiry - margin)
        #expect(dues.allSatisfy { (earliest...latest).contains($0) })
        let spread = margin / 2
        #expect(dues.min()! <= earliest + spread / 50)
        #expect(dues.max()! >= latest - spread / 50)
        let mean = dues.map { (latest - $0) / .seconds(1) }.reduce(0, +) / 2000
        #expect(abs(mean - spread / 2 / .seconds(1)) <= spread / 20 / .seconds(1))
    }

    @Test("never leaves the lifetime: a quarter of it passes first, however short")
    func neverAtOnce() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<5000 {
            let lifetime = Duration.nanoseconds(Int64.random(in: 1...(1 << 50), using: &generator))
            let issued = BootTime(nanoseconds: Int64.random(in: 0...(1 << 60), using: &generator))
            let due = RefreshPolicy.due(expiry: issued + lifetime, lifetime: lifetime, using: &generator)
            #expect(due >= issued + lifetime / 4 && due <= issued + lifetime)
        }
    }

    @Test(
        "takes any expiry and any lifetime without a trap",
        arguments: [.distantPast, BootTime(nanoseconds: 0), .distantFuture],
        [
            Duration.seconds(Int64.min), .seconds(-1), .zero, .nanoseconds(1), .seconds(3600),
            .seconds(Int64.max),
        ])
    func extremes(expiry: BootTime, lifetime: Duration) {
        var generator = SeededGenerator(seed: 3)
        let due = RefreshPolicy.due(expiry: expiry, lifetime: lifetime, using: &generator)
        #expect(due <= expiry)
        #expect(due >= expiry - .seconds(5400))
    }

    @Test(
        "the mandatory window is a twentieth of the lifetime within 10 s and 60 s, never more than half the margin",
        arguments: [
            (Duration.seconds(0), Duration.zero), (.seconds(-5), .zero), (.seconds(10), .milliseconds(2500)),
            (.seconds(60), .seconds(10)), (.seconds(600), .seconds(30)), (.seconds(3600), .seconds(60)),
            (.seconds(86_400), .seconds(60)),
        ])
    func mandatoryWindow(lifetime: Duration, window: Duration) {
        #expect(RefreshPolicy.mandatoryWindow(lifetime: lifetime) == window)
    }
}
