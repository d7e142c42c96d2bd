// The daemon against authorization servers that nobody here wrote. The sandbox is as its author read the standards; these
// are as others did.

import Testing

extension SystemTests {
    /// One server at a time, and what was tried with it in the order of an account's life.
    @Suite("Authorization servers that nobody here wrote", .serialized, InteropReporting())
    struct InteropTests {
        @Test(
            "glewlwyd, by TLS of a private authority: login, rotation, reuse, revocation",
            .enabled(if: InteropKind.glewlwyd.isInstalled, "glewlwyd is not installed: .ci/interop-setup"))
        func glewlwyd() async throws {
            try await onThread {
                let trial = try InteropTrial(.glewlwyd)
                trial.live()
                trial.attempt("login by a device code", trial.device)
                try trial.finish()
            }
        }

        @Test(
            "django-oauth-toolkit, with and without grace: login, denial, rotation, reuse, lost answers, revocation",
            .enabled(
                if: InteropKind.djangoOAuthToolkit(grace: 0).isInstalled,
                "django-oauth-toolkit is not installed: .ci/interop-setup"),
            arguments: [InteropKind.djangoOAuthToolkit(grace: 0), .djangoOAuthToolkit(grace: 120)])
        func django(_ kind: InteropKind) async throws {
            try await onThread {
                let trial = try InteropTrial(kind)
                trial.attempt("denial at the consent page", trial.denial)
                trial.live()
                trial.attempt("a refresh whose answer is lost", trial.lostAnswer)
                trial.attempt(
                    "the same with replay_after_lost_response never", trial.lostAnswerWithoutReplay)
                trial.attempt("a wrong client secret", trial.wrongSecret)
                try trial.finish()
            }
        }

        @Test(
            "Canaille, its endpoints discovered: login, denial, rotation, reuse, revocation",
            .enabled(if: InteropKind.canaille.isInstalled, "Canaille is not installed: .ci/interop-setup"))
        func canaille() async throws {
            try await onThread {
                let trial = try InteropTrial(.canaille)
                trial.attempt("denial at the consent page", trial.denial)
                trial.live()
                trial.attempt("a wrong client secret", trial.wrongSecret)
                trial.attempt("private_key_jwt", trial.signedAssertion)
                try trial.finish()
            }
        }
    }
}

/// Servers and sockets are waited for the plain, blocking way.
private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withThread { Result { try body() } }.get()
}

extension InteropTrial {
    /// What every server is tried with.
    fileprivate func live() {
        let secret = "secret \(InteropServer.clientSecret) by \(kind.authMethod)"
        attempt("login: AUTHORIZE, the server's pages, CALLBACK; \(secret)", login)
        attempt("refresh with rotation", refreshing)
        attempt("client_secret_post", postedSecret)
        attempt("reuse of a refresh token that was rotated away", reuse)
        attempt("revocation", revocation)
        attempt("client_credentials", machine)
    }
}
