// Decides how a client writes a request: the inverse of `Request.parse`.

import StrictJSON
import Vocabulary

extension Request {
    /// The request as one line, without the LF. ADD's line holds secrets.
    public var line: String {
        switch self {
        case .hello: "HELLO"
        case .ping: "PING"
        case .quit: "QUIT"
        case .get(let account, let options): "GET \(account)" + options.words
        case .status(nil): "STATUS"
        case .status(let account?): "STATUS \(account)"
        case .list(let options): "LIST" + options.words
        case .refresh(let account): "REFRESH \(account)"
        case .add(let account, let grant): "ADD \(account) \(grant.json.serialized)"
        case .remove(let account): "REMOVE \(account)"
        case .backup(let options): "BACKUP" + options.words
        case .authorize(let account, let options): "AUTHORIZE \(account)" + options.words
        case .callback(let redirected): "CALLBACK \(redirected.exposed)"
        case .device(let account, let options): "DEVICE \(account)" + options.words
        case .login(let account, let wait): "LOGIN \(account)" + (wait == 0 ? "" : " wait=\(wait)")
        case .revoke(let account): "REVOKE \(account)"
        case .restore(let request): "RESTORE \(request.json.serialized)"
        }
    }
}

extension GetOptions {
    fileprivate var words: String {
        (minTTL == 0 ? "" : " min-ttl=\(minTTL)")
            + (wait == Self.defaultWait ? "" : " wait=\(wait)")
            + (refused.map { " not=\($0)" } ?? "")
    }
}

extension LoginOptions {
    fileprivate var words: String {
        (redirectURI.map { " redirect-uri=" + PercentEncoding.encode($0) } ?? "")
            + (scope.map { " scope=" + PercentEncoding.encode($0) } ?? "")
            + variables.sorted { $0.key < $1.key }.map { " var.\($0.key)=\($0.value)" }.joined()
    }
}

extension BackupOptions {
    fileprivate var words: String {
        (after.map { " after=\($0.rowID)" } ?? "") + (limit == Self.largestLimit ? "" : " limit=\(limit)")
    }
}

extension ListOptions {
    fileprivate var words: String {
        (glob.map { " " + PercentEncoding.encode($0.pattern) } ?? "")
            + (state.map { " state=\($0.rawValue)" } ?? "")
            + (needs.map { " needs=\($0.rawValue)" } ?? "")
            + (after.map { " after=\($0)" } ?? "")
            + (limit == Self.largestLimit ? "" : " limit=\(limit)")
    }
}
