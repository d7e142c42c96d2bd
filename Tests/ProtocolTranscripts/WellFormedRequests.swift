// Decides which right lines the protocol's tests agree on: what each means, and how a client writes it.

import Vocabulary
import WireProtocol

/// A line and its meaning.
public struct WellFormedRequest: Sendable, CustomStringConvertible {
    /// Without the LF.
    public let line: String
    public let request: Request
    /// How `Request.line` writes the same request.
    public let canonical: String

    init(_ line: String, _ request: Request, canonical: String? = nil) {
        self.line = line
        self.request = request
        self.canonical = canonical ?? line
    }

    public var description: String { line.debugDescription }
}

extension WellFormedRequest {
    private static let alice = AccountName("sandbox/alice")!
    private static let refused = Fingerprint(bits: 0x0123_4567_89AB_CDEF)

    /// All of them.
    public static let all: [WellFormedRequest] = plain + gets + lists + additions + backups + logins

    private static let plain: [WellFormedRequest] = [
        .init("HELLO", .hello),
        .init("hello", .hello, canonical: "HELLO"),
        .init("PING\r", .ping, canonical: "PING"),
        .init("Quit", .quit, canonical: "QUIT"),
        .init("STATUS", .status(nil)),
        .init("STATUS sandbox/alice", .status(alice)),
        .init("REFRESH sandbox/alice", .refresh(alice)),
        .init("REMOVE sandbox/alice", .remove(alice)),
        .init("rEmOvE sandbox/%61lice\r", .remove(alice), canonical: "REMOVE sandbox/alice"),
    ]

    private static let logins: [WellFormedRequest] = [
        .init("AUTHORIZE sandbox/alice", .authorize(alice, LoginOptions())),
        .init(
            "authorize sandbox/alice scope=a%20b redirect-uri=http://127.0.0.1:1/cb?x%3D1 var.shop=one var.eu=2",
            .authorize(
                alice,
                LoginOptions(
                    redirectURI: "http://127.0.0.1:1/cb?x=1", scope: "a b",
                    variables: ["shop": "one", "eu": "2"])),
            canonical:
                "AUTHORIZE sandbox/alice redirect-uri=http://127.0.0.1:1/cb?x%3D1 scope=a%20b var.eu=2 var.shop=one"
        ),
        .init("DEVICE sandbox/alice", .device(alice, LoginOptions())),
        .init("DEVICE sandbox/alice scope=a", .device(alice, LoginOptions(scope: "a"))),
        .init("LOGIN sandbox/alice", .login(alice, wait: 0)),
        .init("LOGIN sandbox/alice wait=60", .login(alice, wait: 60)),
        .init("REVOKE sandbox/alice", .revoke(alice)),
        .init(
            "CALLBACK https://app.example/cb?code=a%20b+c&state=%zz&x==",
            .callback(Secret("https://app.example/cb?code=a%20b+c&state=%zz&x=="))),
        .init("callback code=1\r", .callback(Secret("code=1")), canonical: "CALLBACK code=1"),
    ]

    private static let gets: [WellFormedRequest] = [
        .init("GET sandbox/alice", .get(alice, GetOptions())),
        .init("get sandbox/alice\r", .get(alice, GetOptions()), canonical: "GET sandbox/alice"),
        .init("GET sandbox/alice min-ttl=60", .get(alice, GetOptions(minTTL: 60))),
        .init("GET sandbox/alice wait=0", .get(alice, GetOptions(wait: 0))),
        .init("GET sandbox/alice wait=60", .get(alice, GetOptions(wait: 60))),
        .init("GET sandbox/alice wait=10", .get(alice, GetOptions()), canonical: "GET sandbox/alice"),
        .init(
            "GET sandbox/alice wait=007", .get(alice, GetOptions(wait: 7)),
            canonical: "GET sandbox/alice wait=7"),
        .init("GET sandbox/alice not=0123456789abcdef", .get(alice, GetOptions(refused: refused))),
        .init(
            "GET sandbox/alice not=0123456789ABCDEF wait=%35 min-ttl=4294967295",
            .get(alice, GetOptions(minTTL: 4_294_967_295, wait: 5, refused: refused)),
            canonical: "GET sandbox/alice min-ttl=4294967295 wait=5 not=0123456789abcdef"),
        .init(
            "GET p_-0/A.z_0@:+~/-", .get(AccountName("p_-0/A.z_0@:+~/-")!, GetOptions())),
    ]

    private static let lists: [WellFormedRequest] = [
        .init("LIST", .list(ListOptions())),
        .init("LIST sandbox/*", .list(ListOptions(glob: Glob("sandbox/*")))),
        .init("LIST a%3Db%25%20c", .list(ListOptions(glob: Glob("a=b% c")))),
        .init("LIST %C3%A9", .list(ListOptions(glob: Glob("é")))),
        .init("LIST state=in-doubt", .list(ListOptions(state: .inDoubt))),
        .init("LIST needs=user", .list(ListOptions(needs: .user))),
        .init("LIST limit=5000", .list(ListOptions(limit: 1000)), canonical: "LIST"),
        .init(
            "LIST * limit=7 after=sandbox/alice state=ok",
            .list(ListOptions(glob: Glob("*"), state: .ok, after: alice, limit: 7)),
            canonical: "LIST * state=ok after=sandbox/alice limit=7"),
    ]

    private static let sealed = SealedRecord(
        record: RecordID(rowID: 7), account: alice, generation: Generation(5),
        tokenEndpoint: "https://p.example/token", expiresAt: WallTime(nanoseconds: 1_795_533_468_000_000_001),
        sealedRefresh: [1, 2, 3, 4], sealedAccess: [5, 6, 7],
        mark: SealedMark(
            refreshHash: [255], bootID: "b", state: .rejected, reason: .lostRotation,
            presentation: Presentation(
                since: Moment(boot: BootTime(nanoseconds: 1), wall: WallTime(nanoseconds: 2)),
                last: Moment(boot: BootTime(nanoseconds: 3), wall: WallTime(nanoseconds: -4)), lateReplays: 5)
        ),
        tag: [0, 0])
    private static let origin = BackupOrigin(keyID: "k", storeID: "s")
    private static let sealedJSON =
        #"{"record":7,"account":"sandbox/alice","generation":5,"token_endpoint":"https://p.example/token","#
        + #""expires_at_ns":"1795533468000000001","mark":{"state":"rejected","reason":"lost-rotation","#
        + #""refresh_hash":"/w==","boot_id":"b","since_boot_ns":"1","since_wall_ns":"2","last_boot_ns":"3","#
        + #""last_wall_ns":"-4","late_replays":5},"sealed_access":"BQYH","sealed_refresh":"AQIDBA==","tag":"AAA=","#
        + #""key_id":"k","store_id":"s""#

    private static let backups: [WellFormedRequest] = [
        .init("BACKUP", .backup(BackupOptions())),
        .init(
            "backup limit=9 after=0\r", .backup(BackupOptions(after: RecordID(rowID: 0), limit: 9)),
            canonical: "BACKUP after=0 limit=9"),
        .init("BACKUP limit=5000", .backup(BackupOptions()), canonical: "BACKUP"),
        .init(
            "RESTORE \(sealedJSON)}", .restore(RestoreRequest(origin: origin, sealed: sealed))),
        .init(
            "restore \(sealedJSON),\"force\":true}",
            .restore(RestoreRequest(origin: origin, sealed: sealed, force: true)),
            canonical: "RESTORE \(sealedJSON),\"force\":true}"),
    ]

    private static let additions: [WellFormedRequest] = [
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"r\"}",
            .add(alice, AddedGrant(refreshToken: Secret("r")))),
        .init(
            "add sandbox/%61lice { \"scope\" : \"café a=%20\", \"access_token\":null, \"refresh_token\":\"r\" }\r",
            .add(alice, AddedGrant(refreshToken: Secret("r"), scope: "café a=%20")),
            canonical: "ADD sandbox/alice {\"refresh_token\":\"r\",\"scope\":\"café a=%20\"}"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"r\",\"access_token\":\"a\",\"expires_at\":1795533468,"
                + "\"token_type\":\"bearer\",\"scope\":\"\",\"redirect_uri\":\"https://example.com/\",\"replace\":true}",
            .add(
                alice,
                AddedGrant(
                    refreshToken: Secret("r"), accessToken: Secret("a"),
                    expiresAt: WallTime(epochSeconds: 1_795_533_468), tokenType: "bearer", scope: "",
                    redirectURI: "https://example.com/", replace: true))),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"r\",\"replace\":false}",
            .add(alice, AddedGrant(refreshToken: Secret("r"))),
            canonical: "ADD sandbox/alice {\"refresh_token\":\"r\"}"),
    ]
}
