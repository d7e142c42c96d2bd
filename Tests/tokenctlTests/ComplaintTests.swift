import Testing
import TokenClient

@testable import tokenctl

@Suite struct ComplaintTests {
    @Test(
        "each code has its exit status",
        arguments: zip(
            ErrorCode.allCases,
            [65, 65, 65, 67, 65, 65, 77, 79, 79, 78, 75, 75, 65, 75, 70, 75, 70] as [Int32]))
    func codes(_ code: ErrorCode, _ status: Int32) {
        #expect(ExitStatus(.refused(RequestError(code, "x"))).rawValue == status)
    }

    @Test(
        "each failure has its exit status and tells what to do next",
        arguments: [
            (
                .noDaemon(socket: "/run/x"), 69,
                "no daemon at /run/x; is tokend running? "
                    + "(systemctl status tokend; --socket or $TOKEND_SOCKET names another)"
            ),
            (
                .accessDenied(socket: "/run/x"), 77,
                "no permission to connect to /run/x; your user must be in the socket's group"
            ),
            (
                .timedOut, 75,
                "no answer in time; the daemon is stuck or busy, or --timeout is too short"
            ),
            (
                .connectionLost, 75,
                "the daemon closed the connection before it had answered; "
                    + "it may have been stopped or restarted; look with tokenctl status"
            ),
            (.malformedAnswer, 70, "the daemon's answer is not understood; is this tokend's socket?"),
            (.systemCall(name: "socket", errno: 24), 70, "socket failed with errno 24"),
            (
                .refused(RequestError(.loginNeeded, "the refresh token is dead")), 79,
                "p/a: the refresh token is dead; tokenctl login p/a"
            ),
            (
                .refused(RequestError(.tryAgain, retryAfter: 90, "the provider is down")), 75,
                "p/a: the provider is down; try again in 1m 30s"
            ),
            (.refused(RequestError(.denied, "only root may\u{1B}[2J")), 77, "p/a: only root may?[2J"),
        ] as [(TokenClientError, Int32, String)])
    func sentences(_ row: (error: TokenClientError, status: Int32, sentence: String)) {
        let complaint = Complaint(row.error, about: AccountName("p/a")!)
        #expect(complaint.status.rawValue == row.status)
        #expect(complaint.sentence == row.sentence)
    }
}
