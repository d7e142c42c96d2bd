import Testing
import Vocabulary

@Suite("Rates")
struct RateTests {
    @Test(
        "are read as documentation writes them",
        arguments: [
            ("60/min", Rate(60, per: .minute), 1.0), ("20/s", Rate(20, per: .second), 20.0),
            ("5000/h", Rate(5000, per: .hour), 5000.0 / 3600),
            ("1000000/d", Rate(1_000_000, per: .day), 1e6 / 86_400),
        ])
    func reads(text: String, rate: Rate, perSecond: Double) {
        #expect(Rate(text) == rate)
        #expect(rate.description == text)
        #expect(abs(rate.perSecond - perSecond) < 1e-9)
    }

    @Test(
        "nothing else is one",
        arguments: [
            "", "/", "60", "60/", "/min", "0/min", "-1/s", "+1/s", "1.5/s", "60/minute", "60 /min", "1/s/s",
            "1000001/s",
            "99999999999999999999/s", "60/MIN", "６０/min",
        ])
    func refuses(text: String) { #expect(Rate(text) == nil) }

    @Test("the interval is what evenly spread requests keep")
    func interval() {
        #expect(Rate("60/min")!.interval == .seconds(1))
        #expect(Rate("20/s")!.interval == .milliseconds(50))
    }
}
