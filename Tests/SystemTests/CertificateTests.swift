// Providers whose certificate or protocol version must be refused, and one whose are good, so that the refusals count.

import Foundation
import SandboxProvider
import Testing

extension SystemTests {
    @Suite("A provider's certificate")
    struct CertificateTests {
        /// A TLS server with a certificate, before the sandbox.
        private static func server(
            _ certificate: String, at port: Int, to sandbox: Sandbox, options: String = "",
            verify: String = ",verify=0"
        ) throws -> Process {
            let server = Process()
            server.executableURL = URL(fileURLWithPath: try #require(Programs.installed("socat")))
            server.arguments = [
                "OPENSSL-LISTEN:\(port),bind=127.0.0.1,fork,reuseaddr" + verify
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
            let authority = try CertificateAuthority()
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

        @Test(
            "tls_client_auth: the client's own certificate is shown to a server that wants one, and without it nothing is sent"
        )
        func clientCertificate() async throws {
            let authority = try CertificateAuthority()
            let server = try authority.issue(for: "IP:127.0.0.1")
            let own = try authority.issue(for: "DNS:client.example")
            try await withSandbox { [ca = authority.file] sandbox in
                let port = try freePort()
                let process = try Self.server(
                    server, at: port, to: sandbox, options: ",cafile=\(ca),verify=1", verify: "")
                defer { process.terminate() }
                let tls = #""ca_file": "\#(ca)""#
                let files = #""certificate_file": "\#(own).pem", "key_file": "\#(own).key""#
                let url = "https://127.0.0.1:\(port)/token"
                let daemon = try RunningDaemon(
                    providers: """
                        {"shown": \(RunningDaemon.provider(url, more: #""tls": {\#(tls), \#(files)}"#)),
                         "bare": \(RunningDaemon.provider(url, more: #""tls": {\#(tls)}"#))}
                        """)
                try daemon.start()
                try eventually("the server listens") { accepts(port) }
                let wire = try daemon.connect()
                for provider in ["bare", "shown"] {
                    let grant = sandbox.createGrant(subject: provider, lifetime: 600)
                    let added = try wire.ask(
                        #"ADD \#(provider)/a {"refresh_token":"\#(grant.refreshToken)"}"#)
                    #expect(added == "OK new")
                }
                let shown = try wire.ask("GET shown/a")
                #expect(shown.hasPrefix("OK "))
                let bare = try wire.ask("GET bare/a wait=2")
                #expect(bare.hasPrefix("ERR "))
                #expect(sandbox.counters(of: "bare").tokenRequests == 0)
                #expect(daemon.stop() == 0)
            }
        }
    }
}
