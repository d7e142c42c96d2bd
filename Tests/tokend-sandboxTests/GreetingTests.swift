import Testing

@testable import tokend_sandbox

@Suite("The greeting")
struct GreetingTests {
    private let greeting = Greeting(
        baseURL: "http://127.0.0.1:8089", socketPath: "/tmp/my dir/tokend.sock", tokenctl: "/build/tokenctl",
        accounts: DemoAccounts(count: 6), lifetime: 20)

    @Test("has commands that work as pasted, also with a space in a path")
    func commands() {
        #expect(
            greeting.examples.map(\.command) == [
                "/build/tokenctl status --socket '/tmp/my dir/tokend.sock'",
                #"printf 'GET sandbox/alice\n' | socat - UNIX-CONNECT:'/tmp/my dir/tokend.sock'"#,
                #"curl -s -H "$(/build/tokenctl get --header seamless/alice --socket '/tmp/my dir/tokend.sock')""#
                    + " http://127.0.0.1:8089/api/client/v1/search/contacts",
                "/build/tokenctl login --socket '/tmp/my dir/tokend.sock' sandbox/you",
                #"curl -s -d '{"subject":"sandbox/carol"}' http://127.0.0.1:8089/sandbox/revocations"#,
            ])
    }

    @Test("says a lifetime without needless digits", arguments: [(20.0, "20 s"), (2.5, "2.5 s")])
    func seconds(row: (Double, String)) { #expect(row.0.formattedSeconds == row.1) }

    @Test(
        "quotes what a shell would take apart",
        arguments: [
            ("/a/b-c.d", "/a/b-c.d"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$x", "'$x'"),
        ])
    func shellWords(row: (String, String)) { #expect(row.0.shellWord == row.1) }
}
