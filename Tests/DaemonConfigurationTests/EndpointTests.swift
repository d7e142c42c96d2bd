import Testing

@testable import DaemonConfiguration

@Suite("A configured URL")
struct EndpointTests {
    @Test(
        "may be https, or http to this machine",
        arguments: [
            "https://as.example/token", "https://as.example", "HTTPS://AS.EXAMPLE:8443/a?b=c",
            "https://10.0.0.1/",
            "https://[2001:db8::1]:443/", "http://localhost/", "http://LocalHost:80",
            "http://127.0.0.1:8089/token",
            "http://127.255.0.9/", "http://[::1]:1/x", "http://127.0.0.1?a=b", "https://a_b.example/",
        ])
    func endpoints(_ text: String) {
        #expect(Endpoint.isEndpoint(text))
        #expect(Endpoint.isRedirectURI(text))
    }

    @Test(
        "may not be anything else",
        arguments: [
            "", "https", "https:", "https://", "https:///token", "https://:80/", "https:as.example",
            "as.example",
            "ftp://as.example/", "http://as.example/", "http://127.0.0.1.example/",
            "http://127.0.0.1@as.example/",
            "http://127.0.0.1:80@as.example/", "http://localhost.example/", "http://localhost@as.example/",
            "http://127.1/", "http://127.0.0.01/", "http://127.0.0.256/", "http://0x7f.0.0.1/",
            "http://2130706433/",
            "http://[::2]/", "http://[::1/", "http://[::1]x/", "http://[::ffff:127.0.0.1]/",
            "http://localhost./",
            "http://127.0.0.1\\@as.example/", "http://127.0.0.1#@as.example/", "https://u@as.example/",
            "https://u:p@as.example/", "https://as.example:0/", "https://as.example:65536/",
            "https://as.example:x/",
            "https://as.example:/", "https://as.example/#f", "https://as example/", " https://as.example/",
            "https://as.example/\n", "https://as.exämple/", "https://%61s.example/", "http://128.0.0.1/",
        ])
    func others(_ text: String) { #expect(!Endpoint.isEndpoint(text)) }

    @Test(
        "for a redirect may have an app's own scheme",
        arguments: ["com.example.app:/cb", "myapp://cb", "urn:ietf:wg:oauth:2.0:oob"])
    func redirects(_ text: String) {
        #expect(Endpoint.isRedirectURI(text))
        #expect(!Endpoint.isEndpoint(text))
    }

    @Test(
        "for a redirect is refused where an endpoint would be, or without a scheme",
        arguments: [
            "", "/cb", "cb", ":cb", "1a:/cb", "app:", "my app:/cb", "app:/cb#f", "http://app.example/cb",
            "a_b:/c",
        ])
    func noRedirects(_ text: String) { #expect(!Endpoint.isRedirectURI(text)) }
}
