import Testing

@testable import OAuth

@Suite("An endpoint's URL")
struct EndpointURLTests {
    @Test(
        "may carry credentials over https, and over http to this machine",
        arguments: [
            "https://as.example/token", "HTTPS://AS.example", "https://as.example:8443/a?b=c",
            "http://localhost/x",
            "http://127.0.0.1:80/", "http://127.9.9.9/", "http://[::1]:8080/", "https://[2001:db8::1]/",
            "https://localhost.evil.example/",
        ])
    func accepted(_ url: String) { #expect(EndpointURL.isEndpoint(url)) }

    @Test(
        "is refused where it could be read in two ways, or carries secrets in the clear",
        arguments: [
            "http://as.example/token", "http://localhost.evil.example/", "http://127.1/",
            "http://0177.0.0.1/",
            "http://127.0.0.1.evil.example/", "ftp://as.example/", "//as.example/", "https://", "https:///x",
            "",
            "https://user@as.example/", "https://as.example\\@evil.example/", "https://as.example/#f",
            "https://as.example:0/", "https://as.example:/", "https://as.example:65536/",
            "https://as.example:8a/",
            "https://as example/", "https://as.example/\r\nX: y", "https://äs.example/", "https://[::1/",
            "https://[evil]/", "https://as.example/{shop}",
        ])
    func refused(_ url: String) { #expect(!EndpointURL.isEndpoint(url)) }
}
