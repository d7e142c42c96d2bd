// Decides nothing; shows how scripts write faults.

import FoundationEssentials
import Testing

@testable import SandboxProvider

@Suite struct FaultJSONTests {
    private func fault(_ text: String) throws -> Fault {
        try JSONDecoder().decode(Fault.self, from: Data(text.utf8))
    }

    @Test(
        "Each action has its name",
        arguments: [
            (#"{"action":"delay","seconds":0.5}"#, Fault(.delay(seconds: 0.5))),
            (#"{"action":"delay-answer","seconds":2}"#, Fault(.delayAnswer(seconds: 2))),
            (#"{"action":"drop-before","count":2}"#, Fault(.dropBefore, count: 2)),
            (#"{"action":"rotate-and-lose","subject":"a"}"#, Fault(.rotateAndLose, subject: "a")),
            (#"{"action":"truncate","probability":0.25}"#, Fault(.truncate, probability: 0.25)),
            (#"{"action":"hang","endpoint":"userinfo"}"#, Fault(.hang, endpoints: [.userinfo])),
            (#"{"action":"endless-head","client_id":"c"}"#, Fault(.endlessHead, clientID: "c")),
            (#"{"action":"drip"}"#, Fault(.drip(secondsPerByte: 1))),
            (
                #"{"action":"huge","endpoint":["token","revoke"]}"#,
                Fault(.huge, endpoints: [.token, .revoke])
            ),
            (
                #"{"action":"respond","status":503,"headers":{"Retry-After":"2"},"body":"no"}"#,
                Fault(.respond(ScriptedAnswer(status: 503, headers: ["Retry-After": "2"], body: "no")))
            ),
            (
                #"{"action":"body-override","body_base64":"/w=="}"#,
                Fault(.bodyOverride(ScriptedAnswer(status: 200, body: [0xFF])))
            ),
        ])
    func actions(text: String, expected: Fault) throws {
        #expect(try fault(text) == expected)
    }

    @Test(
        "What would be milder than meant is an error",
        arguments: [
            #"{"action":"explode"}"#, #"{"action":"hang","cuont":1}"#, #"{"action":"hang","seconds":1}"#,
            #"{"action":"delay"}"#, #"{"action":"delay","seconds":-1}"#,
            #"{"action":"delay","seconds":1e300}"#,
            #"{"action":"respond","status":99}"#, #"{"action":"respond","headers":{"a b":"c"}}"#,
            #"{"action":"hang","endpoint":"tokens"}"#,
            #"{"action":"respond","body":"a","body_base64":"YQ=="}"#,
        ])
    func mistakes(text: String) {
        #expect(throws: DecodingError.self) { try fault(text) }
    }
}
