// Providers whose certificate or protocol version must be refused, and one whose are good, so that the refusals count.

import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A provider's certificate")
    struct CertificateTests {
        /// Certificates made by openssl(1) in a directory of their own, removed with this.
        private final class Authority {
            let directory = NSTemporaryDirectory() + "tokend-ca-" + UUID().uuidString.prefix(8)
            var file: String { directory + "/ca.pem" }
            private static let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

            init() throws {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: false)
                try openssl(
                    "req -x509 \(Self.newKey) -keyout \(directory)/ca.key -out \(file) -days 2 -subj /CN=ca")
            }

            deinit { try? FileManager.default.removeItem(atPath: directory) }

            /// A certificate for `host`; its path without `.pem`, beside which `.key` is.
            /// - Parameters:
            ///   - days: of its life, from now; negative for one that has expired.
            ///   - isSigned: by this authority, else by itself.
            func issue(for host: String, days: Int = 1, isSigned: Bool = true) throws -> String {
                let path = directory + "/" + UUID().uuidString
                try "subjectAltName=\(host)".write(toFile: path + ".ext", atomically: true, encoding: .utf8)
                try openssl("req \(Self.newKey) -keyout \(path).key -out \(path).csr -subj /CN=provider")
                let signer =
                    isSigned
                    ? "-CA \(file) -CAkey \(directory)/ca.key -CAcreateserial" : "-signkey \(path).key"
                try openssl(
                    "x509 -req -in \(path).csr -out \(path).pem -days \(days) -extfile \(path).ext \(signer)")
                return path
            }

            private func openssl(_ arguments: String) throws {
                let result = try Programs.run(
                    try #require(Programs.installed("openssl")),
                    arguments.split(separator: " ").map(String.init))
                guard result.status == 0 else { throw Wire.Failure(description: result.errors) }
            }
        }

        /// A TLS server with a certificate, before the sandbox.
        private static func server(
            _ certificate: String, at port: Int, to sandbox: Sandbox, options: String = ""
        ) throws -> Process {
            let server = Process()
            server.executableURL = URL(fileURLWithPath: try #require(Programs.installed("socat")))
            server.arguments = [
                "OPENSSL-LISTEN:\(port),bind=127.0.0.1,fork,reuseaddr,verify=0"
                    + ",cert=\(certificate).pem,key=\(certificate).key" + options,
                "TCP:127.0.0.1:\(sandbox.port)",
            ]
            // Debian's own configuration forbids what is old.
            server.environment = ["OPENSSL_CONF": "/dev/null"]
            server.standardError = FileHandle.nullDevice
            try server.run()
            return server
        }

        @Test(
            "C13: expired, of another name, signed by itself or by nobody known, or TLS 1.0: refused, an operator must act, nothing is sent"
        )
        func refusals() async throws {
            let authority = try Authority()
            let good = try authority.issue(for: "IP:127.0.0.1")
            let oldVersion =
                ",openssl-min-proto-version=TLS1.0,openssl-max-proto-version=TLS1.0,cipher=ALL@SECLEVEL=0"
            let servers = [
                ("good", good, ""), ("expired", try authority.issue(for: "IP:127.0.0.1", days: -1), ""),
                ("named", try authority.issue(for: "DNS:other.example,IP:127.0.0.2"), ""),
                ("selfmade", try authority.issue(for: "IP:127.0.0.1", isSigned: false), ""),
                ("unknown", good, ""), ("old", good, oldVersion),
            ].map { (name: $0.0, certificate: $0.1, options: $0.2) }
            try await withSandbox { [ca = authority.file] sandbox in
                let ports = try servers.map { _ in try freePort() }
                let processes = try zip(servers, ports).map { server, port in
                    try Self.server(server.certificate, at: port, to: sandbox, options: server.options)
                }
                defer { for process in processes { process.terminate() } }
                let members = zip(servers, ports).map { server, port in
                    // One trusts the system's authorities, who do not know ours.
                    let trust = server.name == "unknown" ? "" : #""tls": {"ca_file": "\#(ca)"}"#
                    let provider = RunningDaemon.provider("https://127.0.0.1:\(port)/token", more: trust)
                    return "\"\(server.name)\": \(provider)"
                }
                let daemon = try RunningDaemon(providers: "{\(members.joined(separator: ","))}")
                try daemon.start()
                for port in ports { try eventually("a server listens") { accepts(port) } }
                let wire = try daemon.connect()
                for server in servers {
                    let grant = sandbox.createGrant(subject: server.name, lifetime: 600)
                    let answer = try wire.ask(
                        "ADD \(server.name)/\(server.name) {\"refresh_token\":\"\(grant.refreshToken)\"}")
                    #expect(answer == "OK new")
                }
                for server in servers where server.name != "good" {
                    let account = "\(server.name)/\(server.name)"
                    try eventually("\(server.name) is refused") {
                        try wire.status(of: account).state == "operator-needed"
                    }
                    #expect(
                        try wire.ask("REFRESH \(account)").hasPrefix("ERR operator-needed "), "\(account)")
                    let view = try wire.status(of: account)
                    #expect(view.reason == "tls" && view.needs == "operator", "\(view)")
                    #expect(try wire.client(server.name).state == "parked", "\(server.name)")
                    #expect(sandbox.counters(of: server.name).tokenRequests == 0, "\(server.name)")
                }
                #expect(try wire.ask("GET good/good").hasPrefix("OK "))
                #expect(sandbox.statistics.total.tokenRequests == 1)
                #expect(daemon.stop() == 0)
            }
        }
    }
}
