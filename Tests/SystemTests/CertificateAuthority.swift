// Certificates for servers at loopback, as a private authority issues them.

import Foundation
import Testing

/// Certificates made by openssl(1) in a directory of their own, removed with this.
final class CertificateAuthority {
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
