import Foundation
import ProtocolTranscripts
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("Bad input")
    struct BadInputTests {
        @Test("on the socket gets its exact error, and the connection goes on")
        func requests() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                let wire = try daemon.connect()
                for request in MalformedRequest.all {
                    try wire.send(request.line + [UInt8(ascii: "\n")])
                    #expect(try wire.line() == request.reply, "\(request)")
                    #expect(try wire.ask("PING") == "OK", "after \(request)")
                }
                for (line, code) in Self.misdirected {
                    #expect(try wire.ask(line).hasPrefix("ERR \(code) - "), "\(line)")
                }
                #expect(MalformedRequest.all.count >= 40)
                #expect(daemon.stop() == 0)
            }
        }

        /// Well-formed requests that no account or provider answers to.
        private static let misdirected: [(String, String)] = [
            ("ADD nowhere/alice {\"refresh_token\":\"r\"}", "unknown-provider"),
            ("GET nowhere/alice", "unknown-account"), ("GET sandbox/nobody", "unknown-account"),
            ("REFRESH sandbox/nobody", "unknown-account"), ("REMOVE sandbox/nobody", "unknown-account"),
            ("STATUS sandbox/nobody", "unknown-account"),
        ]

        @Test("that is too long gets its error, behind the answers before it, and the connection ends")
        func tooLong() async throws {
            try await withSandbox { sandbox in
                let daemon = try RunningDaemon(sandbox)
                try daemon.start()
                for verb in ["GET sandbox/", "ADD sandbox/a "] {
                    let limit = verb.hasPrefix("ADD") ? 65536 : 4096
                    let fitting = try daemon.connect()
                    let line = verb + String(repeating: "x", count: limit - 1 - verb.utf8.count)
                    #expect(try fitting.ask(line).hasPrefix("ERR bad-request"))
                    let wire = try daemon.connect()
                    try wire.send("PING\n" + line + "y\nPING\n")
                    #expect(try wire.line() == "OK")
                    #expect(try wire.line()?.hasPrefix("ERR line-too-long - ") == true)
                    #expect(try wire.line() == nil)
                }
                let endless = try daemon.connect()
                // It may be cut off while it sends: that is the point.
                try? endless.send(String(repeating: "x", count: 8 << 20))
                #expect(try daemon.connect().ask("PING") == "OK")
                let halfClosed = try daemon.connect()
                try halfClosed.send("PING\nHELLO\nPING")
                halfClosed.halfClose()
                #expect(try halfClosed.line() == "OK")
                #expect(try halfClosed.line()?.hasPrefix("OK tokend/") == true)
                #expect(try halfClosed.line()?.hasPrefix("ERR bad-request - ") == true)
                #expect(try halfClosed.line() == nil)
                #expect(daemon.stop() == 0)
            }
        }

        @Test(
            "at the start, such as a socket's directory that is not there, is told in a sentence; nothing crashes"
        )
        func failedStart() throws {
            let daemon = try RunningDaemon(
                providers:
                    #"{"acme": {"token_endpoint": "https://acme.example/t", "client_id": "c", "client_secret": "s"}}"#
            )
            let config = try String(contentsOfFile: daemon.configPath, encoding: .utf8)
            let elsewhere = config.replacingOccurrences(
                of: daemon.socketPath, with: daemon.directory + "/missing/socket")
            try Data(elsewhere.utf8).write(to: URL(fileURLWithPath: daemon.configPath))
            let result = try Programs.run("tokend", ["--config", daemon.configPath])
            #expect(result.status == 78, "\(result.errors)")
            #expect(result.errors.contains(daemon.directory + "/missing"))
        }

        @Test(
            "in the configuration is named by its path, by --check and at the start alike, with exit status 78"
        )
        func configuration() throws {
            let daemon = try RunningDaemon(
                providers:
                    #"{"acme": {"token_endpoint": "http://example.com/token", "clientid": "x", "client_secret": "s"}}"#
            )
            for arguments in [["--check"], []] {
                let result = try Programs.run("tokend", ["--config", daemon.configPath] + arguments)
                #expect(result.status == 78)
                #expect(
                    result.errors.contains("providers.acme.clientid") && result.errors.contains("client_id"))
                #expect(result.errors.contains("providers.acme.token_endpoint"))
            }
            let missing = try Programs.run(
                "tokend", ["--config", daemon.directory + "/nothing.json", "--check"])
            #expect(missing.status == 78 && missing.errors.contains("nothing.json"))
        }
    }
}
