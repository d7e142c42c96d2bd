// Decides which whole conversations the protocol's tests agree on: the bytes in both directions, as the daemon must
// write and a client must read them.

import StrictJSON
import Vocabulary
import WireProtocol

/// A request and its answer.
public struct Exchange: Sendable, CustomStringConvertible {
    public let request: Request
    /// The answer's bytes, every line ended by LF.
    public let reply: String
    /// The same, line by line.
    public let lines: [ReplyLine]

    public var description: String { request.line }
}

extension Exchange {
    private static let alice = AccountName("sandbox/alice")!

    /// All of them.
    public static let all: [Exchange] = [
        .init(
            request: .hello, reply: "OK tokend/1.0.0 protocol/1 something-new\n",
            lines: [.ok("tokend/1.0.0 protocol/1 something-new")]),
        .init(request: .ping, reply: "OK\n", lines: [.ok("")]),
        .init(
            request: .get(alice, GetOptions()), reply: "OK 1795533468 Bearer abc.def\n",
            lines: [.ok("1795533468 Bearer abc.def")]),
        .init(
            request: .get(alice, GetOptions(wait: 0)), reply: "ERR try-again 17 a refresh is under way\n",
            lines: [.error(RequestError(.tryAgain, retryAfter: 17, "a refresh is under way"))]),
        .init(
            request: .get(alice, GetOptions()), reply: "ERR login-needed - the refresh token is dead\n",
            lines: [.error(RequestError(.loginNeeded, "the refresh token is dead"))]),
        .init(
            request: .get(alice, GetOptions()), reply: "ERR code-of-tomorrow 0 a  sentence \n",
            lines: [.error(RequestError(.internal, retryAfter: 0, "code-of-tomorrow: a  sentence "))]),
        .init(
            request: .add(alice, AddedGrant(refreshToken: Secret("r"))), reply: "OK new\n",
            lines: [.ok("new")]),
        .init(request: .refresh(alice), reply: "OK 1795533468\n", lines: [.ok("1795533468")]),
        .init(request: .remove(alice), reply: "OK\n", lines: [.ok("")]),
        .init(request: .status(alice), reply: "OK {\"a\":1}\n", lines: [.ok("{\"a\":1}")]),
        .init(
            request: .list(ListOptions(limit: 2)), reply: "DATA {\"a\":\"é\"}\nDATA {\"a\":2}\nOK 2 more\n",
            lines: [.data(["a": "é"]), .data(["a": 2]), .ok("2 more")]),
        .init(request: .list(ListOptions()), reply: "OK 0\n", lines: [.ok("0")]),
        .init(
            request: .backup(BackupOptions()),
            reply: "DATA {\"tokend_backup\":1}\nDATA {\"record\":1}\nOK 1 more\n",
            lines: [.data(["tokend_backup": 1]), .data(["record": 1]), .ok("1 more")]),
    ]

    /// Lines that are no line of an answer, without the LF.
    public static let malformedReplyLines = [
        "", "ok", "OKAY", " OK", "OK\r", "DATA", "DATA ", "DATA {", "DATA {}{}", "data {}", "ERR", "ERR busy",
        "ERR busy -", "ERR busy x sentence", "ERR busy -1 sentence", "ERR busy  sentence",
        "err busy - sentence",
        "HTTP/1.1 400 Bad Request",
    ]
}
