// Decides whether the browser will come back to this machine (RFC 8252 §7.3), and where exactly: at the port that is named,
// or, where none is, at any. Addresses of 127/8 other
// than 127.0.0.1 were left out: no provider registers them.

/// A redirect URI of the scheme http and a loopback host.
struct LoopbackRedirect: Hashable {
    /// What the host names; `localhost` is both, and a browser may try either first.
    enum Host: Hashable {
        case v4, v6, both
    }

    let host: Host
    /// nil where the URI names none, and so stands for every port.
    let port: UInt16?
    let path: String
    /// The URI in front of its port and behind it.
    private let (front, back): (String, String)

    /// nil for every URI that leads elsewhere.
    init?(_ uri: String) {
        let scheme = "http://"
        guard uri.utf8.count < 4096, uri.lowercased().hasPrefix(scheme),
            uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !uri.contains("#")
        else { return nil }
        let rest = uri.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { return nil }
        let name: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[...end]
        } else {
            name = authority.prefix { $0 != ":" }
        }
        switch name.lowercased() {
        case "127.0.0.1": host = .v4
        case "[::1]": host = .v6
        case "localhost": host = .both
        default: return nil
        }
        let behind = authority[name.endIndex...]
        if behind.isEmpty {
            port = nil
        } else {
            let digits = behind.dropFirst()
            guard behind.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(digits), number > 0
            else { return nil }
            port = number
        }
        let path = rest[authority.endIndex...].prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        front = String(uri.prefix(scheme.count) + name)
        back = String(rest[authority.endIndex...])
    }

    /// The URI with `port` named, all else as it was written.
    func uri(at port: UInt16) -> String { "\(front):\(port)\(back)" }
}
