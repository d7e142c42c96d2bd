import ArgumentParser
import Testing
import TokenClient

@testable import tokenctl

@Suite struct ArgumentTests {
    @Test(
        "a duration is a whole number and a unit; without one, seconds",
        arguments: [
            ("15s", .seconds(15)), ("15", .seconds(15)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)),
            ("1h", .seconds(3600)), ("3d", .seconds(259_200)), ("0", .zero), ("007s", .seconds(7)),
        ] as [(String, Duration)])
    func durations(_ row: (text: String, duration: Duration)) {
        #expect(DurationArgument(argument: row.text)?.duration == row.duration)
    }

    @Test(
        "anything else is no duration",
        arguments: [
            "", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1sec", "1s1", "0x1", "1w", "٣s",
            "99999999999999999999s",
            "1000000000000d", "999999999h",
        ])
    func noDurations(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    private func get(_ arguments: String...) throws -> GetCommand {
        try #require(try Tokenctl.parseAsRoot(["get"] + arguments) as? GetCommand)
    }

    @Test("get asks for what its options say, and leaves the daemon less time than itself")
    func getOptions() throws {
        #expect(try get("a/b").options == GetOptions())
        #expect(try get("a/b", "--timeout", "60s").options == GetOptions(wait: 40))
        #expect(try get("a/b", "--timeout", "500ms").options == GetOptions(wait: 0))
        #expect(
            try get("a/b", "--min-ttl", "2m", "--wait", "500ms", "--not", "0123456789ABCDEF").options
                == GetOptions(minTTL: 120, wait: 1, refused: Fingerprint(bits: 0x0123_4567_89AB_CDEF)))
    }

    @Test(
        "wrong usage ends with 64",
        arguments: [
            ["get"], ["get", "alice"], ["get", "a/b", "c/d"], ["get", "a/b", "--header", "--json"],
            ["get", "a/b", "--wait", "61s", "--timeout", "2m"], ["get", "a/b", "--wait", "15s"],
            ["get", "a/b", "--timeout", "0"], ["get", "a/b", "--not", "xyz"], ["get", "a/b", "--socket", ""],
            ["frobnicate"], ["ping", "--frobnicate"], ["list", "--limit", "0"], ["list", "--state", "fine"],
            ["list", ""], ["add"], ["import"], ["backup"], ["restore"], ["restore", "a", "b"],
            ["remove", "a/"], ["forecast", "--outage", "-1"], ["forecast", "--outage", "2h"],
            ["forecast", "--provider", "A/b"], ["forecast", "--plot", ""],
        ])
    func usage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Tokenctl.parseAsRoot(arguments) }
        #expect(error.map { Tokenctl.exitCode(for: $0).rawValue } == ExitStatus.usage.rawValue)
    }

    @Test(
        "help and the version are no failures",
        arguments: [["--help"], ["--version"], ["help", "get"], ["get", "-h"]])
    func help(_ arguments: [String]) throws {
        do {
            var command = try Tokenctl.parseAsRoot(arguments)
            try command.run()
            Issue.record("\(arguments) ran")
        } catch {
            #expect(Tokenctl.exitCode(for: error) == .success)
        }
    }

    @Test("a token is printed bare, as a header field or as JSON")
    func forms() {
        let token = AccessToken(
            secret: Secret("a\"b"), type: "Bearer", expiresAt: WallTime(epochSeconds: 1_795_533_468))
        #expect(GetCommand.render(token, as: nil) == "a\"b\n")
        #expect(GetCommand.render(token, as: .header) == "Authorization: Bearer a\"b\n")
        #expect(
            GetCommand.render(token, as: .json)
                == #"{"access_token":"a\"b","token_type":"Bearer","expires_at":1795533468}"# + "\n")
    }
}
