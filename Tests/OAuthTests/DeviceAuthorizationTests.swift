import Testing
import Vocabulary

@testable import OAuth

@Suite("A device authorization answer")
struct DeviceAuthorizationTests {
    private static let code = #""device_code":"d-1","user_code":"WDJB-MJHT""#
    private static let uri = #""verification_uri":"https://as.example/device""#

    /// `<device code> <user code> <URL> [<complete URL>] <lifetime> <interval>`, or the failure.
    private func words(_ status: Int, _ body: String, _ change: (inout Provider) -> Void = { _ in }) -> String
    {
        switch DeviceAuthorization.read(status: status, body: Array(body.utf8), provider: .with(change)) {
        case .success(let device):
            let complete = device.verificationURIComplete.map { " \($0)" } ?? ""
            return "\(device.deviceCode.exposed) \(device.userCode) \(device.verificationURI)\(complete) "
                + "\(device.expiresIn.components.seconds) \(device.interval.components.seconds)"
        case .failure(let failure): return failure.description + (failure.isTransient ? ", transient" : "")
        }
    }

    @Test(
        "says what to show and how long to poll",
        arguments: [
            (
                "{\(code),\(uri),\"verification_uri_complete\":\"https://as.example/device?c=W\",\"expires_in\":900,\"interval\":7}",
                "d-1 WDJB-MJHT https://as.example/device https://as.example/device?c=W 900 7"
            ),
            ("{\(code),\(uri),\"expires_in\":1800}", "d-1 WDJB-MJHT https://as.example/device 1800 5"),
            ("{\(code),\(uri)}", "d-1 WDJB-MJHT https://as.example/device 600 5"),
            (
                "{\(code),\"verification_url\":\"https://www.example/device#x\",\"expires_in\":\"1800\",\"interval\":\"5\"}",
                "d-1 WDJB-MJHT https://www.example/device#x 1800 5"
            ),
            (
                "{\(code),\(uri),\"expires_in\":1,\"interval\":0}",
                "d-1 WDJB-MJHT https://as.example/device 1 1"
            ),
            (
                "{\(code),\(uri),\"expires_in\":1e30,\"interval\":1e30}",
                "d-1 WDJB-MJHT https://as.example/device 3600 3600"
            ),
            (
                "{\(code),\(uri),\"expires_in\":null,\"interval\":[]}",
                "d-1 WDJB-MJHT https://as.example/device 600 5"
            ),
            (
                "{\(code),\(uri),\"verification_uri_complete\":\"http://as.example/\"}",
                "d-1 WDJB-MJHT https://as.example/device 600 5"
            ),
            ("{\(code),\(uri),\"expires_in\":0}", "d-1 WDJB-MJHT https://as.example/device 600 5"),
            ("{\(code),\(uri),\"interval\":-1}", "d-1 WDJB-MJHT https://as.example/device 600 1"),
            (
                "device_code=d-1&user_code=W&verification_uri=http%3A%2F%2F127.0.0.1%2F",
                "d-1 W http://127.0.0.1/ 600 5"
            ),
        ])
    func good(_ body: String, _ expected: String) { #expect(words(200, body) == expected) }

    private static let unshowable = "the provider's device code comes without a code or address to show"

    static let bad: [(Int, String, String)] = [
        (200, "{\(code)}", unshowable),
        (200, "{\"device_code\":\"d-1\",\(uri)}", unshowable),
        (200, "{\"device_code\":\"d-1\",\"user_code\":\"\",\(uri)}", unshowable),
        (200, "{\"device_code\":\"d-1\",\"user_code\":\"\\u001b[2J\",\(uri)}", unshowable),
        (
            200, "{\"device_code\":\"d-1\",\"user_code\":\"\(String(repeating: "A", count: 65))\",\(uri)}",
            unshowable
        ),
        (200, "{\(code),\"verification_uri\":\"http://as.example/device\"}", unshowable),
        (200, "{\(code),\"verification_uri\":\"javascript:alert(1)\"}", unshowable),
        (200, "{\(code),\"verification_uri\":\"https://as.example/#\\u001b\"}", unshowable),
        (
            200, "{\"user_code\":\"W\",\(uri)}",
            "the provider's answer holds no device code: status 200, an object of user_code, verification_uri"
        ),
        (200, "<html>", "the provider's answer holds no device code: status 200, HTML"),
        (404, "", "the provider's answer holds no device code: status 404, an empty body"),
        (
            400, #"{"error":"invalid_client","error_description":"CANARY"}"#,
            "the provider does not accept our client's credentials (invalid_client)"
        ),
        (401, #"{"error":"unknown_thing"}"#, "the provider refused the login (unknown_thing)"),
        (200, #"{"error":"device_flow_disabled"}"#, "the provider refused the login (device_flow_disabled)"),
        (400, #"{"error":"no code, a sentence"}"#, "the provider refused the login"),
        (
            400, "{\(code),\(uri)}",
            "the provider's answer holds no device code: status 400, an object of device_code, user_code, verification_uri"
        ),
        (503, "<html>", "the provider could not be reached or is troubled, transient"),
        (429, "{}", "the provider wants fewer requests, transient"),
        (
            429, #"{"error":"invalid_client"}"#,
            "the provider does not accept our client's credentials (invalid_client), transient"
        ),
        (
            400, #"{"error":"temporarily_unavailable"}"#,
            "the provider is overloaded or down for maintenance (temporarily_unavailable), transient"
        ),
    ]

    @Test("that cannot be used says why", arguments: bad)
    func refused(_ status: Int, _ body: String, _ expected: String) {
        #expect(words(status, body) == expected)
    }

    @Test("names its error where the provider's description says")
    func ownPath() {
        #expect(
            words(400, #"{"errors":[{"code":"access_denied"}]}"#) {
                $0.response.errorCodePaths = ["/errors/0/code"]
            }
                == "the user or the provider has declined (access_denied)")
        #expect(
            words(400, #"{"status":"error","error":"invalid_client"}"#) {
                $0.response.errorCodePaths = ["/status", "/error"]
            }
                == "the provider does not accept our client's credentials (invalid_client)",
            "the one that says more")
    }
}
