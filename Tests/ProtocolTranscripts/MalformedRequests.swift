// Decides which wrong lines the protocol's tests agree on, and the exact final line that each gets. The parser's tests
// read it, and whoever tests a running daemon sends these very bytes.

import WireProtocol

/// A line that is no request, and what it is told.
public struct MalformedRequest: Sendable, CustomStringConvertible {
    /// Without the LF.
    public let line: [UInt8]
    public let code: ErrorCode
    public let sentence: String

    init(_ line: String, _ code: ErrorCode, _ sentence: String) {
        self.line = Array(line.utf8)
        self.code = code
        self.sentence = sentence
    }

    /// A `bad-request`, as nearly all are.
    init(_ line: String, _ sentence: String) { self.init(line, .badRequest, sentence) }

    init(bytes: [UInt8], _ sentence: String) {
        line = bytes
        code = .badRequest
        self.sentence = sentence
    }

    /// The daemon's answer, without the LF.
    public var reply: String { "ERR \(code.rawValue) - \(sentence)" }

    public var description: String { String(decoding: line, as: UTF8.self).debugDescription }
}

extension MalformedRequest {
    private static let separation = "words are separated by one space, with none before or behind them"
    private static let account = "an account is <provider>/<name>, of letters, digits and ._@:+~/-"
    private static let nonASCII = "a byte outside printable ASCII must be percent-encoded"
    private static let percent = "a percent sign is followed by two hex digits and stands for a byte of UTF-8"
    private static let unknownOption = "an option that the verb does not know"
    private static let tooManyWords = "more words than the verb takes"
    private static let twice = "an option stands twice"
    private static let minTTL = "min-ttl= takes a whole number from 0 to 4294967295"
    private static let wait = "wait= takes a whole number from 0 to 60"
    private static let not = "not= takes the first 16 hex digits of the SHA-256 of the access token"
    private static let limit = "limit= takes a whole number from 1 to 4294967295"
    private static let state =
        "state= takes one of: ok refreshing retrying expired login-needed operator-needed in-doubt new"
    private static let noVerb = "no such verb; HELLO names the protocol version"
    private static let order = "options stand behind all other words"
    private static let noAccount = "the account is missing"

    /// All of them.
    public static let all: [MalformedRequest] =
        framing + verbs + arguments + options + additions + backups + logins

    private static let framing: [MalformedRequest] = [
        .init("", "the line is empty"),
        .init("\r", "the line is empty"),
        .init(" ", separation),
        .init(" PING", separation),
        .init("PING ", separation),
        .init("PING \r", separation),
        .init("GET  sandbox/alice", separation),
        .init("GET sandbox/alice  wait=1", separation),
        .init("GET sandbox/alice wait=1 ", separation),
        .init("GET sandbox/alice\r\r", nonASCII),
        .init("GET\tsandbox/alice", nonASCII),
        .init("GET sandbox/al\u{0}ice", nonASCII),
        .init("GET sandbox/alicé", nonASCII),
        .init(bytes: [0xFF, 0xFE], nonASCII),
        .init(bytes: Array("GET sandbox/".utf8) + [0xC3], nonASCII),
        .init("\u{7F}", nonASCII),
    ]

    private static let verbs: [MalformedRequest] = [
        .init("FETCH sandbox/alice", .unknownVerb, noVerb),
        .init("GETX sandbox/alice", .unknownVerb, noVerb),
        .init("G%45T sandbox/alice", .unknownVerb, noVerb),
        .init("ADDX sandbox/alice {}", .unknownVerb, noVerb),
        .init("{\"refresh_token\":\"x\"}", .unknownVerb, noVerb),
        .init("GET=sandbox/alice", .unknownVerb, noVerb),
        .init("PING again", tooManyWords),
        .init("PING a=1", unknownOption),
        .init("HELLO protocol/1", tooManyWords),
        .init("QUIT now", tooManyWords),
    ]

    private static let arguments: [MalformedRequest] = [
        .init("GET", noAccount),
        .init("REFRESH", noAccount),
        .init("REMOVE", noAccount),
        .init("GET alice", account),
        .init("GET sandbox/", account),
        .init("GET /alice", account),
        .init("GET Sandbox/alice", account),
        .init("GET -sandbox/alice", account),
        .init("GET sand.box/alice", account),
        .init("GET sandbox/al!ce", account),
        .init("GET sandbox/al%20ice", account),
        .init("GET sandbox/" + String(repeating: "a", count: 201), account),
        .init("GET " + String(repeating: "p", count: 33) + "/alice", account),
        .init("GET sandbox/alice%", percent),
        .init("GET sandbox/alice%2", percent),
        .init("GET sandbox/alice%zz", percent),
        .init("LIST %FF", percent),
        .init("GET sandbox/alice sandbox/bob", tooManyWords),
        .init("STATUS sandbox/alice sandbox/bob", tooManyWords),
        .init("STATUS alice", account),
        .init("REMOVE sandbox/alice sandbox/bob", tooManyWords),
        .init("REFRESH sandbox/al,ice", account),
    ]

    private static let options: [MalformedRequest] = [
        .init("GET sandbox/alice wait=61", wait),
        .init("GET sandbox/alice wait=-1", wait),
        .init("GET sandbox/alice wait=+1", wait),
        .init("GET sandbox/alice wait=", wait),
        .init("GET sandbox/alice wait=1.5", wait),
        .init("GET sandbox/alice wait=10s", wait),
        .init("GET sandbox/alice wait=99999999999999999999", wait),
        .init("GET sandbox/alice min-ttl=4294967296", minTTL),
        .init("GET sandbox/alice min-ttl=x", minTTL),
        .init("GET sandbox/alice not=0123456789abcde", not),
        .init("GET sandbox/alice not=0123456789abcdef0", not),
        .init("GET sandbox/alice not=0123456789abcdeg", not),
        .init("GET sandbox/alice not=+123456789abcdef", not),
        .init("GET sandbox/alice wait=1 wait=1", twice),
        .init("GET sandbox/alice wait=1 min-ttl=2 wait=3", twice),
        .init("GET sandbox/alice WAIT=1", unknownOption),
        .init("GET sandbox/alice ttl=1", unknownOption),
        .init("GET sandbox/alice =1", unknownOption),
        .init("GET wait=1 sandbox/alice", order),
        .init("GET wait=1", noAccount),
        .init("STATUS sandbox/alice wait=1", unknownOption),
        .init("REFRESH sandbox/alice wait=1", unknownOption),
        .init("LIST * *", tooManyWords),
        .init("LIST state=OK", state),
        .init("LIST state=", state),
        .init("LIST needs=everybody", "needs= takes one of: nobody time operator user"),
        .init("LIST after=alice", "after= takes an account's name"),
        .init("LIST limit=0", limit),
        .init("LIST limit=-5", limit),
        .init("LIST glob=*", unknownOption),
        .init("LIST state=ok *", order),
    ]

    private static let backups: [MalformedRequest] = [
        .init("BACKUP all", tooManyWords),
        .init("BACKUP after=sandbox/alice", "after= takes a whole number from 0 to 9223372036854775807"),
        .init("BACKUP after=-1", "after= takes a whole number from 0 to 9223372036854775807"),
        .init("BACKUP limit=0", limit),
        .init("BACKUP state=ok", unknownOption),
        .init("RESTORE", "not a JSON object: the text is empty at byte 0"),
        .init("RESTORE {", "not a JSON object: the text ends in the middle of a value at byte 1"),
        .init("RESTORE []", "expected a JSON object, found an array"),
        .init("RESTORE {}", "key_id is missing"),
        .init("RESTORE {\"key_id\":\"k\"}", "store_id is missing"),
        .init("RESTORE \(record(#""record":"7""#))", "record must be a whole number, found a string"),
        .init("RESTORE \(record(#""record":-7"#))", "record must be a whole number, found a number"),
        .init(
            "RESTORE \(record(#""record":7,"account":"alice""#))",
            "account is not <provider>/<name>"),
        .init(
            "RESTORE \(record(#""record":7,"account":"p/a","generation":1,"token_endpoint":"a b""#))",
            "token_endpoint is no URL of visible ASCII"),
        .init(
            "RESTORE \(record(sealed + #""expires_at_ns":5"#))",
            "expires_at_ns must be a string, found a number"),
        .init("RESTORE \(record(sealed + #""sealed_refresh":"AAB=""#))", "sealed_refresh is not base64"),
        .init("RESTORE \(record(sealed + #""sealed_refresh":"AA""#))", "sealed_refresh is not base64"),
        .init("RESTORE \(record(#""force":1"#))", "force must be a boolean, found a number"),
        .init(
            "RESTORE \(record(sealed + #""sealed_refresh":"","sealed_access":"","tag":"","refresh_token":"x""#))",
            "a member that a backup's record does not have"),
        .init(
            "RESTORE \(record(sealed + #""sealed_refresh":"","sealed_access":"","tag":"","mark":{"state":"new"}"#))",
            "state is none that a mark has"),
    ]

    private static let sealed =
        #""record":7,"account":"p/a","generation":1,"token_endpoint":"https://p.example/","#

    private static func record(_ members: String) -> String {
        #"{"key_id":"k","store_id":"s","# + members + "}"
    }

    private static let logins: [MalformedRequest] = [
        .init("AUTHORIZE", "the account is missing"),
        .init("AUTHORIZE alice", account),
        .init("AUTHORIZE sandbox/alice state=x", "an option that the verb does not know"),
        .init("AUTHORIZE sandbox/alice redirect-uri=", "redirect-uri= takes a URI"),
        .init("AUTHORIZE sandbox/alice redirect-uri=a%20b", "redirect-uri= takes a URI"),
        .init("AUTHORIZE sandbox/alice var.shop=a/b", variable),
        .init("AUTHORIZE sandbox/alice var.=a", variable),
        .init("AUTHORIZE sandbox/alice var.SHOP=a", variable),
        .init(
            "DEVICE sandbox/alice redirect-uri=https://a.example",
            "DEVICE takes no redirect-uri: nobody is redirected"),
        .init("LOGIN sandbox/alice wait=61", "wait= takes a whole number from 0 to 60"),
        .init("LOGIN", "the account is missing"),
        .init("REVOKE sandbox/alice now", "more words than the verb takes"),
        .init("CALLBACK", callback),
        .init("CALLBACK ", callback),
        .init("CALLBACK code=a b", callback),
        .init("CALLBACK code=\u{e9}", callback),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"variables\":[]}",
            "variables must be an object of strings, found an array"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"variables\":{\"a\":\"b/c\"}}",
            "variables: " + variable),
    ]

    private static let variable =
        "a variable's name is 1 to 32 of [a-z0-9_], its value 1 to 200 of [A-Za-z0-9._~-]"
    private static let callback = "CALLBACK takes the redirected URL or its query, as the browser sent it"

    private static let additions: [MalformedRequest] = [
        .init("ADD", "ADD takes an account and a JSON object"),
        .init("ADD sandbox/alice", "ADD takes an account and a JSON object"),
        .init("ADD  sandbox/alice {}", separation),
        .init("ADD sandbox/alice  {\"refresh_token\":\"x\"}", separation),
        .init("ADD sandbox/alice {\"refresh_token\":\"x\"} ", separation),
        .init("ADD alice {\"refresh_token\":\"x\"}", account),
        .init("ADD sandbox/alice% {\"refresh_token\":\"x\"}", account),
        .init("ADD sandbox/alice ", "not a JSON object: the text is empty at byte 0"),
        .init("ADD sandbox/alice {", "not a JSON object: the text ends in the middle of a value at byte 1"),
        .init("ADD sandbox/alice []", "expected a JSON object, found an array"),
        .init("ADD sandbox/alice \"x\"", "expected a JSON object, found a string"),
        .init("ADD sandbox/alice {} {}", "not a JSON object: text after the value at byte 3"),
        .init("ADD sandbox/alice {\"refresh_token\":7}", "refresh_token must be a string, found a number"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"\"}",
            "refresh_token is empty or has other than visible ASCII characters"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"a b\"}",
            "refresh_token is empty or has other than visible ASCII characters"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"refresh_token\":\"y\"}",
            "not a JSON object: a name stands twice in one object at byte 36"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"expires_at\":\"1\"}",
            "expires_at must be whole seconds since the epoch, found a string"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"expires_at\":1.5}",
            "expires_at must be whole seconds since the epoch, found a number"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"replace\":1}",
            "replace must be a boolean, found a number"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"token_type\":\"a b\"}",
            "token_type is not an authentication scheme"),
        .init(
            "ADD sandbox/alice {\"refresh_token\":\"x\",\"expires_in\":60}",
            "a member that ADD does not know; "
                + "it takes refresh_token access_token expires_at token_type scope redirect_uri variables replace"
        ),
        .init(
            bytes: Array("ADD sandbox/alice {\"refresh_token\":\"".utf8) + [0xFF] + Array("\"}".utf8),
            "not a JSON object: invalid UTF-8 at byte 20"),
    ]
}
