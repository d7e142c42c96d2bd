import ArgumentParser
import Testing

@testable import tokend_sandbox

@Suite("The command line of tokend-sandbox")
struct SandboxCommandTests {
    @Test("takes every option of its help")
    func options() throws {
        let command = try SandboxCommand.parse([
            "--port", "0", "--accounts", "3", "--lifetime", "2.5", "--reuse-grace", "1", "--rate-limit", "60",
            "--seed", "7", "--provider-only", "--for", "10",
        ])
        #expect(command.port == 0 && command.accounts == 3 && command.lifetime == 2.5)
        #expect(command.reuseGrace == 1 && command.rateLimit == 60 && command.seed == 7)
        #expect(command.providerOnly && command.limit == 10)
    }

    @Test(
        "refuses what cannot be meant",
        arguments: [
            ["--port", "65536"], ["--accounts", "0"], ["--accounts", "10001"], ["--lifetime", "0.5"],
            ["--lifetime", "nan"], ["--reuse-grace", "-1"], ["--rate-limit", "0"], ["--for", "inf"],
        ])
    func refusals(arguments: [String]) {
        #expect(throws: (any Error).self) { try SandboxCommand.parse(arguments) }
    }
}
