import ProtocolTranscripts
import Testing
import Vocabulary
import WireProtocol

@Suite struct GetLineTests {
    /// The request that the fast reader sees in `line`.
    private func read(_ line: [UInt8]) -> Request? {
        line.withUnsafeBytes { buffer in
            GetLine(buffer).flatMap { get in
                let name = String(decoding: buffer[get.account], as: UTF8.self)
                return AccountName(name).map {
                    .get($0, GetOptions(minTTL: get.minTTL, wait: get.wait, refused: get.refused))
                }
            }
        }
    }

    @Test("a GET without percent signs takes the fast path", arguments: WellFormedRequest.all)
    func plainGets(_ row: WellFormedRequest) {
        let isPlainGet = if case .get = row.request { !row.line.contains("%") } else { false }
        #expect(read(Array(row.line.utf8)) == (isPlainGet ? row.request : nil))
    }

    @Test("a malformed line never takes the fast path", arguments: MalformedRequest.all)
    func malformed(_ row: MalformedRequest) {
        #expect(row.line.withUnsafeBytes { GetLine($0) } == nil)
    }

    @Test("whatever takes the fast path means the same to the full parser")
    func agreement() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(state: seed)
        var taken = 0
        for _ in 0..<20_000 {
            let line = Self.almostGet(using: &generator)
            guard line.withUnsafeBytes({ GetLine($0) }) != nil else { continue }
            taken += 1
            let fast = read(line)
            #expect(fast != nil && fast == (try? Request.parse(line)), "seed \(seed), line \(line)")
        }
        // The test would prove nothing if the mutations left no GET whole.
        #expect((1000..<20_000).contains(taken), "seed \(seed)")
    }

    /// A GET, mostly well-formed, with up to two bytes changed, taken out or put in.
    private static func almostGet(using generator: inout SplitMix64) -> [UInt8] {
        let starts = ["GET", "get", "Get", "GET ", "PING", "ADD"]
        let names = ["sandbox/alice", "s/a", "sandbox/a/b:c@d+e~f", "sandbox", "/alice", "9-_/Z"]
        let options = [
            "wait=0", "wait=60", "wait=61", "min-ttl=5", "min-ttl=4294967296", "not=0123456789abcdef",
            "not=0123456789ABCDEF", "wait=00000000000000000000000007", "min-ttl=", "x=1",
        ]
        var words = [starts.randomElement(using: &generator)!, names.randomElement(using: &generator)!]
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            words.append(options.randomElement(using: &generator)!)
        }
        var line = Array(words.joined(separator: " ").utf8)
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let index = Int.random(in: 0..<line.count, using: &generator)
            let byte = Array(" =%/-09azAZ\r\u{0}".utf8).randomElement(using: &generator)!
            switch Int.random(in: 0...3, using: &generator) {
            case 0: line[index] = byte
            case 1: line.insert(byte, at: index)
            case 2: line.remove(at: index)
            default: line.append(byte)
            }
            if line.isEmpty { line = [byte] }
        }
        return line
    }
}

/// S. Vigna's SplitMix64: a generator that a printed seed starts again.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
