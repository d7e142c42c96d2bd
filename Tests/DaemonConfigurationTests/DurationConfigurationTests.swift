import Testing

@testable import DaemonConfiguration

@Suite("A configured duration")
struct DurationConfigurationTests {
    @Test(
        "is a whole number and a unit",
        arguments: [
            ("90s", 90), ("5m", 300), ("1h", 3600), ("2d", 172_800), ("0s", 0), ("007m", 420),
            ("9223372036s", 9_223_372_036),
        ])
    func durations(_ text: String, _ seconds: Int64) {
        #expect(Duration(configuration: text) == .seconds(seconds))
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "s", "5", "5 m", " 5m", "5m ", "-5m", "+5m", "1.5h", "1h30m", "5M", "5ms", "5w", "٥m", "5µ",
            "9223372037s", "99999999999999999999s", "9223372036854775807d",
        ])
    func others(_ text: String) { #expect(Duration(configuration: text) == nil) }
}
