// Decides how a test gets a running sandbox and lets go of it; the sandbox itself is the fixture of other rooms.

@testable import SandboxProvider

/// Starts a sandbox, runs `body`, and stops the sandbox whatever happened.
func withSandbox(
    _ options: Sandbox.Options = Sandbox.Options(), _ body: (Sandbox, RawClient) async throws -> Void
) async throws {
    let sandbox = try await Sandbox.start(options)
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(sandbox, RawClient(port: sandbox.port)))
    } catch {
        result = .failure(error)
    }
    await sandbox.stop()
    try result.get()
}

/// Waits until `condition` holds; false after five seconds, far more than loopback needs.
func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<1000 {
        if condition() { return true }
        guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { break }
    }
    return condition()
}

func member(_ name: String, of body: String) -> String? {
    guard let start = body.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
    return String(body[start...].prefix { $0 != "\"" })
}
