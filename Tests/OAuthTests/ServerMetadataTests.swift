import Testing
import Vocabulary

@testable import OAuth

@Suite("A discovery document")
struct ServerMetadataTests {
    @Test(
        "is looked for where RFC 8414 puts it, then where OpenID Connect does",
        arguments: [
            (
                "https://as.example", "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration"
            ),
            (
                "https://as.example/", "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration"
            ),
            (
                "https://as.example:8443/realms/a",
                "https://as.example:8443/.well-known/oauth-authorization-server/realms/a",
                "https://as.example:8443/realms/a/.well-known/openid-configuration"
            ),
            (
                "https://as.example/a/", "https://as.example/.well-known/oauth-authorization-server/a",
                "https://as.example/a/.well-known/openid-configuration"
            ),
        ])
    func urls(_ issuer: String, _ first: String, _ second: String) {
        #expect(ServerMetadata.urls(issuer: issuer).prefix(2) == [first, second])
    }

    @Test("is looked for last where a server with a path has mixed up the two places")
    func mixedUp() {
        #expect(
            ServerMetadata.urls(issuer: "https://as.example/a/").dropFirst(2) == [
                "https://as.example/a/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration/a",
            ])
        #expect(ServerMetadata.urls(issuer: "https://as.example/").count == 2)
    }

    private static let issuer = "https://as.example/a"

    private func read(_ body: String) throws(MetadataProblem) -> ServerMetadata {
        try ServerMetadata(Array(body.utf8), issuer: Self.issuer)
    }

    @Test("tells the endpoints, and members that nobody uses do not matter")
    func whole() throws {
        let metadata = try read(
            #"{"issuer":"https://as.example/a","authorization_endpoint":"https://as.example/authorize","#
                + #""token_endpoint":"https://as.example/token","revocation_endpoint":"http://127.0.0.1/revoke","#
                + #""device_authorization_endpoint":"https://as.example/device","jwks_uri":7,"x":{"y":[1]},"#
                + #""authorization_response_iss_parameter_supported":true}"#)
        #expect(metadata.issuer == Self.issuer)
        #expect(metadata.authorizationEndpoint == "https://as.example/authorize")
        #expect(metadata.tokenEndpoint == "https://as.example/token")
        #expect(metadata.revocationEndpoint == "http://127.0.0.1/revoke")
        #expect(metadata.deviceAuthorizationEndpoint == "https://as.example/device")
        #expect(metadata.sendsIssuer)
    }

    @Test(
        "may be silent about all but its issuer",
        arguments: ["", #","token_endpoint":null,"authorization_response_iss_parameter_supported":"true""#])
    func little(_ members: String) throws {
        let metadata = try read("{\"issuer\":\"https://as.example/a\"\(members)}")
        #expect(metadata.tokenEndpoint == nil)
        #expect(!metadata.sendsIssuer)
    }

    @Test(
        "is not believed when it lies or is none",
        arguments: [
            ("", MetadataProblem.notAnObject), ("<html>", .notAnObject), ("[]", .notAnObject),
            ("null", .notAnObject),
            (#"{"issuer":"https://as.example/a""#, .notAnObject),
            (#"{"issuer":"https://as.example/a","issuer":"https://as.example/a"}"#, .notAnObject),
            ("{}", .noIssuer), (#"{"issuer":1}"#, .noIssuer),
            (#"{"issuer":"https://evil.example/a"}"#, .otherIssuer(named: "https://evil.example/a")),
            (#"{"issuer":"https://as.example/a/"}"#, .otherIssuer(named: "https://as.example/a/")),
            (#"{"issuer":"https://as.example/A"}"#, .otherIssuer(named: "https://as.example/A")),
            (#"{"issuer":"https://AS.example/a"}"#, .otherIssuer(named: "https://AS.example/a")),
            (#"{"issuer":""}"#, .otherIssuer(named: "")),
        ])
    func lies(_ body: String, _ problem: MetadataProblem) {
        #expect(throws: problem) { try read(body) }
    }

    @Test(
        "is not used with an endpoint that would see secrets in the clear, or is none",
        arguments: [
            ("authorization_endpoint", EndpointName.authorization), ("token_endpoint", .token),
            ("revocation_endpoint", .revocation), ("device_authorization_endpoint", .deviceAuthorization),
        ],
        [
            #""http://as.example/x""#, #""https://u@as.example/""#, #""/token""#, "7", #""""#,
            #""https://{a}/""#,
        ])
    func endpoints(_ member: (String, EndpointName), _ value: String) {
        #expect(throws: MetadataProblem.unusableEndpoint(member.1)) {
            try read("{\"issuer\":\"https://as.example/a\",\"\(member.0)\":\(value)}")
        }
    }

    @Test("names the issuer that it is of, where that is fit to be read")
    func words() {
        let told = "the discovery document is of another issuer"
        let named = "https://as.example/a/"
        #expect(MetadataProblem.otherIssuer(named: named).description == "\(told), \(named)")
        for unfit in [
            "", "https://as.example/\u{1B}[2J", "https://as.example/" + String(repeating: "a", count: 512),
        ] {
            #expect(MetadataProblem.otherIssuer(named: unfit).description == told)
        }
    }

    @Test("fills only what the operator has left open")
    func completes() throws {
        let metadata = try read(
            #"{"issuer":"https://as.example/a","authorization_endpoint":"https://d.example/authorize","#
                + #""token_endpoint":"https://d.example/token","revocation_endpoint":"https://d.example/revoke","#
                + #""device_authorization_endpoint":"https://d.example/device"}"#)
        var open = Provider.plain
        open.tokenEndpoint = nil
        open.issuer = Self.issuer
        let filled = open.completed(by: metadata)
        #expect(filled.authorizationEndpoint == "https://d.example/authorize")
        #expect(filled.tokenEndpoint == "https://d.example/token")
        #expect(filled.revocationEndpoint == "https://d.example/revoke")
        #expect(filled.deviceAuthorizationEndpoint == "https://d.example/device")
        #expect(filled.refreshEndpoint == nil)
        let own = Provider.with { $0.issuer = Self.issuer }
        #expect(own.completed(by: metadata) == own)
    }

    @Test(
        "is needed where an issuer is known and an endpoint is not that the request is for",
        arguments: [
            (true, [.token], false), (true, [.token, .authorization], true),
            (true, [.revocation], true), (true, [.deviceAuthorization], true), (true, [], false),
            (false, [.authorization, .revocation], false),
        ] as [(Bool, Set<EndpointName>, Bool)])
    func needed(_ hasIssuer: Bool, _ endpoints: Set<EndpointName>, _ isNeeded: Bool) {
        var provider = Provider.plain
        provider.issuer = hasIssuer ? Self.issuer : nil
        provider.tokenEndpoint = "https://as.example/token"
        provider.authorizationEndpoint = nil
        #expect(provider.needsDiscovery(for: endpoints) == isNeeded)
    }

    @Test(
        "is not needed to renew at a refresh endpoint that is described, unless an assertion names the token endpoint"
    )
    func renewal() {
        var provider = Provider.plain
        #expect(provider.endpointsOfRenewal == [.token])
        provider.refreshEndpoint = "https://as.example/refresh"
        #expect(provider.endpointsOfRenewal == [])
        provider.authMethod = .privateKeyJWT
        #expect(provider.endpointsOfRenewal == [.token])
    }
}
