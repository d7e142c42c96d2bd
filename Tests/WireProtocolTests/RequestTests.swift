import ProtocolTranscripts
import Testing
import Vocabulary
import WireProtocol

@Suite struct RequestTests {
    @Test("a well-formed line means its request", arguments: WellFormedRequest.all)
    func wellFormed(_ row: WellFormedRequest) throws {
        #expect(try Request.parse(Array(row.line.utf8)) == row.request)
    }

    @Test("a request is written in one canonical way that means the same", arguments: WellFormedRequest.all)
    func canonical(_ row: WellFormedRequest) throws {
        #expect(row.request.line == row.canonical)
        #expect(try Request.parse(Array(row.canonical.utf8)) == row.request)
    }

    @Test("a malformed line gets its exact error", arguments: MalformedRequest.all)
    func malformed(_ row: MalformedRequest) {
        let error = #expect(throws: RequestError.self) { try Request.parse(row.line) }
        #expect(error?.description == row.reply)
    }

    @Test("the table of malformed lines has no line twice and covers what the protocol promises")
    func coverage() {
        #expect(Set(MalformedRequest.all.map(\.line)).count == MalformedRequest.all.count)
        #expect(MalformedRequest.all.count >= 40)
    }

    @Test("no error repeats what the line said", arguments: MalformedRequest.all)
    func silence(_ row: MalformedRequest) {
        #expect(!row.sentence.contains("alic"))
        #expect(row.sentence.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }

    @Test("printing a request never shows its grant")
    func redaction() {
        let grant = AddedGrant(refreshToken: Secret("canary-1"), accessToken: Secret("canary-2"))
        let request = Request.add(AccountName("sandbox/alice")!, grant)
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] { #expect(!text.contains("canary")) }
    }
}
