// Decides how code that must not block gets a token: the blocking call on a thread of Dispatch's, with a connection of
// its own.

import Dispatch
import Vocabulary

extension TokenClient {
    /// A token of `account`, without blocking the caller's thread. The deadline runs from the call, the time until a
    /// thread is free included. Cancelling the task does not end it before its deadline.
    public static func token(
        for account: AccountName, minTTL: Duration = .zero, refusing token: Secret? = nil,
        socket: String = TokenClient.defaultSocket, timeout: Duration = TokenClient.defaultTimeout
    ) async throws(TokenClientError) -> AccessToken {
        let deadline = BootTime.now() + timeout
        let result: Result<AccessToken, TokenClientError> = await withCheckedContinuation { continuation in
            queue.async {
                let client = TokenClient(socket: socket, timeout: max(deadline - .now(), .zero))
                continuation.resume(
                    returning: Result { () throws(TokenClientError) in
                        try client.token(for: account, minTTL: minTTL, refusing: token)
                    })
            }
        }
        return try result.get()
    }

    private static let queue = DispatchQueue(label: "tokend.client", attributes: .concurrent)
}
