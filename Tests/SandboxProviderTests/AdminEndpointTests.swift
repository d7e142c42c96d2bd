// Decides nothing; shows what a script can do over HTTP.

import Testing

@testable import SandboxProvider

@Suite(.timeLimit(.minutes(1))) struct AdminEndpointTests {
    @Test("A script can grant, script faults, revoke and read the statistics")
    func script() async throws {
        try await withSandbox { sandbox, client in
            let grant = await client.send(
                "POST", "/sandbox/grants", body: #"{"subject":"alice","lifetime":2.5}"#)
            #expect(grant.status == 201)
            for name in ["access_token", "refresh_token", "token_type", "scope"] {
                #expect(member(name, of: grant.body) != nil)
            }
            #expect(grant.body.contains("\"expires_at\":"))
            let token = try #require(member("refresh_token", of: grant.body))

            let fault = await client.send(
                "POST", "/sandbox/faults", body: #"{"action":"respond","status":502,"subject":"alice"}"#)
            #expect(fault.status == 201)
            #expect(fault.body == #"{"id":1}"#)
            #expect(await client.refresh(token).status == 502)
            #expect(await client.send("DELETE", "/sandbox/faults/1").status == 204)
            #expect(await client.refresh(token).status == 200)
            _ = await client.send("POST", "/sandbox/faults", body: #"{"action":"hang"}"#)
            #expect(await client.send("DELETE", "/sandbox/faults").status == 204)
            #expect(await client.refresh(token).status == 400)

            let revocation = await client.send("POST", "/sandbox/revocations", body: #"{"subject":"alice"}"#)
            #expect(revocation.status == 204)
            let statistics = await client.send("GET", "/sandbox/statistics")
            #expect(statistics.body.contains(#""subjects":{"alice":{"#))
            #expect(statistics.body.contains(#""token_requests":3"#))
            #expect(statistics.body.contains(#""failures":{"reused":1,"scripted":1}"#))
            #expect(statistics.body.contains(#""maximum_in_flight":1"#))
        }
    }

    @Test("Mistakes are 400 with a sentence, unknown paths 404")
    func mistakes() async throws {
        try await withSandbox { _, client in
            for (path, body, sentence) in [
                ("grants", "{}", "subject is missing"),
                ("grants", "nonsense", "The given data was not valid JSON."),
                ("grants", #"{"subject":1}"#, "subject has the wrong type"),
                ("grants", #"{"subject":"a","client_id":"b"}"#, "unknown client"),
                ("faults", #"{"action":"explode"}"#, "there is no action explode"),
            ] {
                let reply = await client.send("POST", "/sandbox/\(path)", body: body)
                #expect(reply.status == 400)
                #expect(reply.body == "{\"error\":\"\(sentence)\"}")
            }
            #expect(await client.send("GET", "/sandbox/nowhere").status == 404)
            #expect(await client.send("DELETE", "/sandbox/grants/1").status == 404)
        }
    }
}
