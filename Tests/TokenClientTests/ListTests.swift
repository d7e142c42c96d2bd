import StrictJSON
import Testing
import TokenClient
import Vocabulary
import WireProtocol

private let patience: Duration = .seconds(60)

@Suite struct ListTests {
    private static func data(_ names: some Sequence<String>) -> String {
        names.map { name in
            let status = AccountStatus(
                account: AccountName("sandbox/" + name)!, state: .ok, needs: .nobody, generation: 1)
            return "DATA \(status.json.serialized)\n"
        }.joined()
    }

    @Test("pages are asked for behind the last name until there is no more")
    func paging() throws {
        let log = Log()
        let server = ScriptedServer { peer in
            for reply in [
                Self.data(["a", "b"]) + "OK 2 more\n", Self.data(["c"]) + "OK 1 more\n",
                Self.data([]) + "OK 0\n",
            ] {
                peer.readLine().map(log.append)
                peer.write(reply)
            }
        }
        let filter = ListFilter(glob: Glob("sandbox/*"), state: .ok)
        let accounts = try TokenClient(socket: server.path, timeout: patience).list(filter)
        #expect(accounts.map(\.account.text) == ["sandbox/a", "sandbox/b", "sandbox/c"])
        #expect(
            log.all == [
                "LIST sandbox/* state=ok", "LIST sandbox/* state=ok after=sandbox/b",
                "LIST sandbox/* state=ok after=sandbox/c",
            ])
    }

    @Test("a limit beyond a page is split, and what lies beyond it is told")
    func limit() throws {
        let log = Log()
        let first = (0..<1000).map { "a\(1000 + $0)" }
        let server = ScriptedServer { peer in
            for reply in [Self.data(first) + "OK 1000 more\n", Self.data(["b", "c"]) + "OK 2 more\n"] {
                peer.readLine().map(log.append)
                peer.write(reply)
            }
        }
        var count = 0
        let hasMore = try TokenClient(socket: server.path, timeout: patience).list(ListFilter(limit: 1002)) {
            account, json in
            count += 1
            #expect(json.object?["account"]?.string == account.account.text)
        }
        #expect(hasMore && count == 1002)
        #expect(log.all == ["LIST", "LIST after=sandbox/a1999 limit=2"])
    }

    @Test("a daemon that promises more and does not go on cannot hold the client")
    func endless() {
        for names in [[], ["a"]] {
            let server = ScriptedServer { peer in
                peer.answer { _ in Self.data(names) + "OK \(names.count) more\n" }
            }
            #expect(throws: TokenClientError.malformedAnswer) {
                try TokenClient(socket: server.path, timeout: patience).list()
            }
        }
    }

    @Test("an object that is no account is malformed")
    func noAccount() {
        let server = ScriptedServer { peer in peer.answer { _ in "DATA {\"account\":\"x\"}\nOK 1\n" } }
        #expect(throws: TokenClientError.malformedAnswer) {
            try TokenClient(socket: server.path, timeout: patience).list()
        }
    }
}
