import StrictJSON
import Testing

@Suite struct JSONWriterTests {
    @Test(
        "a value is written on one line, members in their order",
        arguments: [
            (.null, "null"), (true, "true"), (-7, "-7"), ("a", "\"a\""), (.array([1, .array([])]), "[1,[]]"),
            (["z": 1, "a": ["b": .null]], "{\"z\":1,\"a\":{\"b\":null}}"), ([:], "{}"),
            ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
            ("é😀", "\"é😀\""),
        ] as [(JSONValue, String)])
    func written(_ row: (value: JSONValue, text: String)) {
        #expect(row.value.serialized == row.text)
    }

    @Test(
        "what is written is read as the same, and what is read is written without its white space",
        arguments: [
            #"{"a":[1,-0,1e30,0.10,true,false,null,"\u0000\n"],"":{"":[]}}"#, #"[[[[{"é":"😀"}]]]]"#, "\"\"",
            "1E+2",
        ])
    func roundTrip(_ text: String) throws {
        let value = try JSONValue.parse(text)
        #expect(value.serialized == text)
        #expect(try JSONValue.parse(" " + value.serialized + "\n") == value)
    }

    @Test("every byte that a string can hold survives, and none is an LF")
    func everyScalar() throws {
        let text = String(String.UnicodeScalarView((0...0x2FFF).compactMap(Unicode.Scalar.init)))
        let written = JSONValue.string(text).serialized
        #expect(!written.utf8.contains(UInt8(ascii: "\n")))
        #expect(try JSONValue.parse(written) == .string(text))
    }

    @Test("an object's members are set, replaced and removed by name")
    func members() {
        var object: JSONObject = ["a": 1]
        object["b"] = 2
        object["a"] = 3
        #expect(JSONValue.object(object).serialized == "{\"a\":3,\"b\":2}")
        object["a"] = nil
        object["c"] = nil
        #expect(object.names == ["b"])
        #expect(object["a"] == nil)
    }
}
