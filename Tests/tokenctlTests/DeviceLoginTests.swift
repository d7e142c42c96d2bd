import Testing
import TokenClient

@testable import tokenctl

@Suite struct DeviceLoginTests {
    private static let device = """
        DATA {"user_code":"WDJB-MJHT","verification_uri":"https://auth.example/device","expires_in":600,"verification_uri_complete":"https://auth.example/device?user_code=WDJB-MJHT"}
        OK WDJB-MJHT https://auth.example/device 600

        """

    private func login(_ daemon: ScriptedDaemon, _ shown: ScriptedDaemon.Log) throws -> LoggedIn {
        let screen = LoginScreen(
            put: { shown.append($0) }, tell: { _ in }, showCode: { shown.append("QR " + $0) })
        return try DeviceLogin(
            account: AccountName("p/alice")!, options: LoginOptions(scope: "read"), screen: screen
        ).run(TokenClient(socket: daemon.path))
    }

    @Test("the code is shown, and the daemon asked until the user has decided")
    func approved() throws {
        let daemon = ScriptedDaemon { _, number in
            [Self.device, "ERR try-again 5 the user has not decided\n", "OK p/alice 1795533468\n"][number]
        }
        let shown = ScriptedDaemon.Log()
        let loggedIn = try login(daemon, shown)
        #expect(loggedIn.account.text == "p/alice")
        #expect(
            daemon.lines == ["DEVICE p/alice scope=read", "LOGIN p/alice wait=10", "LOGIN p/alice wait=10"])
        #expect(
            shown.all == [
                "https://auth.example/device", "WDJB-MJHT",
                "QR https://auth.example/device?user_code=WDJB-MJHT",
            ])
    }

    @Test(
        "how it ends otherwise decides the exit status",
        arguments: [
            ("login-failed - the user said no", .loginNeeded), ("operator-needed - refused", .operatorNeeded),
            ("shutting-down - bye", .tryAgain),
        ] as [(String, tokenctl.ExitStatus)])
    func failed(_ row: (answer: String, status: tokenctl.ExitStatus)) {
        let daemon = ScriptedDaemon { _, number in number == 0 ? Self.device : "ERR \(row.answer)\n" }
        let complaint = #expect(throws: Complaint.self) { try login(daemon, ScriptedDaemon.Log()) }
        #expect(complaint?.status == row.status)
    }

    @Test("a provider without device codes is the daemon's to name")
    func unsupported() {
        let daemon = ScriptedDaemon { _, _ in "ERR bad-request - p has no device_authorization_endpoint\n" }
        let complaint = #expect(throws: Complaint.self) { try login(daemon, ScriptedDaemon.Log()) }
        #expect(complaint == Complaint(.badRequest, "p/alice: p has no device_authorization_endpoint"))
    }
}
