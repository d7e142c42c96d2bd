import StrictJSON
import Testing

@Suite struct JSONNumberTests {
    @Test(
        "a number keeps its digits and yields the integer it is, or the one below it",
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("7", 7, 7), ("-7", -7, -7), ("9223372036854775807", .max, .max),
            ("-9223372036854775808", .min, .min), ("9223372036854775808", nil, .max),
            ("-9223372036854775809", nil, .min),
            ("3599.98", nil, 3599), ("3600.0", nil, 3600), ("3.6e3", nil, 3600), ("3.6E+3", nil, 3600),
            ("36000e-1", nil, 3600), ("-0.5", nil, -1), ("1e30", nil, .max), ("-1e30", nil, .min),
            ("1e400", nil, .max),
            ("1e-400", nil, 0),
        ] as [(String, Int64?, Int64)])
    func integers(_ row: (text: String, exact: Int64?, floored: Int64)) throws {
        let number = try #require(try JSONValue.parse(row.text).number)
        #expect(number.text == row.text)
        #expect(number.exactInteger == row.exact)
        #expect(number.flooredInteger == row.floored)
    }

    @Test("true is no number and 1 is no boolean")
    func types() throws {
        #expect(try JSONValue.parse("true").number == nil)
        #expect(try JSONValue.parse("1").bool == nil)
        #expect(try JSONValue.parse("\"1\"").number == nil)
    }
}
