// Decides what of a device authorization answer is shown to a person and how long it is polled for. What is shown reaches a
// terminal, so it is printable ASCII or it is refused.

import StrictJSON
import Vocabulary

/// A login by device code that has begun (RFC 8628 §3.2).
public struct DeviceAuthorization: Hashable, Sendable {
    public let deviceCode: Secret
    /// What the user types in; printable ASCII.
    public let userCode: String
    /// Where; a URL of printable ASCII.
    public let verificationURI: String
    /// The same with the code in it, for a QR code.
    public let verificationURIComplete: String?
    /// From the answer's arrival, at most `longestLifetime`.
    public let expiresIn: Duration
    /// Between two polls, within `intervals`.
    public let interval: Duration

    /// An hour: one that lives longer keeps us polling for a user who has left.
    static let longestLifetime = Duration.seconds(3600)
    /// RFC 8628 demands a lifetime; where none is, ten minutes: the least that large providers give is 15.
    static let assumedLifetime = Duration.seconds(600)
    /// A second, because no provider is asked more often; an hour, because the code is dead by then. What lies between is
    /// the provider's to say (RFC 8628 §3.5).
    static let intervals = Duration.seconds(1)...longestLifetime
    /// RFC 8628 §3.2.
    static let assumedInterval = Duration.seconds(5)
    /// Longer than any code that a person can type.
    private static let longestUserCode = 64

    /// Reads a whole answer of the device authorization endpoint.
    public static func read(
        status: Int, body: [UInt8], provider: Provider
    ) -> Result<DeviceAuthorization, LoginFailure> {
        let body = AnswerBody(body)
        let codes = provider.response.codes(in: body)
        guard (200..<300).contains(status), let object = body.object,
            let deviceCode = object["device_code"]?.string, !deviceCode.isEmpty
        else {
            return .failure(
                failure(status, codes.first { LoginFailure.sentence(for: $0) != nil } ?? codes.first, body))
        }
        guard let userCode = object["user_code"]?.string, isTypable(userCode),
            let uri = (object["verification_uri"] ?? object["verification_url"])?.string, isShowable(uri)
        else {
            return .failure(
                LoginFailure("the provider's device code comes without a code or address to show"))
        }
        let complete = (object["verification_uri_complete"] ?? object["verification_url_complete"])?.string
        return .success(
            DeviceAuthorization(
                deviceCode: Secret(deviceCode), userCode: userCode, verificationURI: uri,
                verificationURIComplete: complete.flatMap { isShowable($0) ? $0 : nil },
                expiresIn: lifetime(object["expires_in"]), interval: interval(object["interval"])))
    }

    private static func failure(_ status: Int, _ code: String?, _ body: AnswerBody) -> LoginFailure {
        let state = AnswerClass.ofServerState(status)
        guard let code else {
            let sentence =
                state?.reason.explanation
                ?? "the provider's answer holds no device code: status \(status), \(body.shape)"
            return LoginFailure(sentence, isTransient: state != nil)
        }
        let refusal = LoginFailure(refusal: code)
        return LoginFailure(
            code: code, refusal.sentence, isTransient: refusal.isTransient || state != nil)
    }

    /// A lifetime of nothing says nothing: the code was issued just now.
    private static func lifetime(_ value: JSONValue?) -> Duration {
        guard let seconds = value?.numeric?.flooredInteger, seconds > 0 else { return assumedLifetime }
        return min(.seconds(seconds), longestLifetime)
    }

    private static func interval(_ value: JSONValue?) -> Duration {
        guard let seconds = value?.numeric?.flooredInteger else { return assumedInterval }
        return min(max(.seconds(seconds), intervals.lowerBound), intervals.upperBound)
    }

    private static func isTypable(_ code: String) -> Bool {
        (1...longestUserCode).contains(code.utf8.count)
            && code.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// As an endpoint, and a fragment may follow.
    private static func isShowable(_ uri: String) -> Bool {
        EndpointURL.isEndpoint(String(uri.prefix { $0 != "#" }))
            && uri.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
