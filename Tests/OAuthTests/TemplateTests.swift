import Testing
import Vocabulary

@testable import OAuth

@Suite("A template")
struct TemplateTests {
    @Test(
        "names its variables in order, each once, and leaves other braces alone",
        arguments: [
            ("https://{shop}.x/{account}?{shop}", ["shop", "account"]), ("", []), ("plain", []),
            (#"{"userinfo":{"email":null}}"#, []), ("{}", []), ("{A}", []), ("{a-b}", []), ("{a", []),
            ("a}", []),
            ("{{a}}", ["a"]), ("{{}{b_2}", ["b_2"]), ("{\(String(repeating: "a", count: 33))}", []),
        ] as [(String, [String])])
    func names(_ text: String, _ names: [String]) { #expect(Template.names(in: text) == names) }

    @Test(
        "takes any value in a parameter",
        arguments: [
            ("{shop}/{odd}", "shop-1/a b"), ("{account}", "u@x.example/1"),
            (#"{"a":{"{shop}":1}}"#, #"{"a":{"shop-1":1}}"#),
            ("{{shop}}", "{shop-1}"), ("no {Template}", "no {Template}"),
        ])
    func parameter(_ text: String, _ filled: String) throws {
        #expect(try Template.fill(text, .test) == filled)
    }

    @Test("does not fill what a value brings along")
    func once() throws {
        var context = RequestContext.test
        context.variables["a"] = "{shop}"
        #expect(try Template.fill("{a}", context) == "{shop}")
    }

    @Test(
        "of an endpoint is filled where nothing can go astray",
        arguments: [
            ("https://as.example/token", "https://as.example/token"),
            ("https://{shop}.as.example/t", "https://shop-1.as.example/t"),
            ("https://as.example:8443/{shop}/t", "https://as.example:8443/shop-1/t"),
            ("https://as.example/{account}", "https://as.example/u%40x.example%2F1"),
            ("https://as.example?a={account}", "https://as.example?a=u%40x.example%2F1"),
        ])
    func endpoint(_ text: String, _ filled: String) throws {
        #expect(try Template.fill(text, endpoint: .token, .test) == filled)
    }

    @Test(
        "of an endpoint is refused where a value could lead elsewhere",
        arguments: [
            ("https://{region}.x/", "", RequestProblem.unfilledVariable("region")),
            ("https://as.example/{odd}", "", .unusableVariable("odd")),
            ("https://{account}/", "", .unusableVariable("account")),
            ("https://as.example:{account}/", "", .unusableVariable("account")),
            ("{account}://as.example/", "", .unusableVariable("account")),
            ("https://{v}.as.example/", "evil.example/", .unusableVariable("v")),
            ("https://{v}as.example/", "user@", .unusableVariable("v")),
            ("https://as.example{v}", ":1", .unusableVariable("v")),
            ("https://as.example/{v}/", "a/b", .unusableVariable("v")),
            ("https://as.example/{v}/", "a%2Fb", .unusableVariable("v")),
            ("https://as.example/{v}/", "a?b", .unusableVariable("v")),
            ("https://as.example/{v}/", "ü", .unusableVariable("v")),
            ("https://as.example/{v}/", "a\n", .unusableVariable("v")),
            ("https://as.example/{v}/t", "..", .malformedEndpoint(.token)),
            ("https://as.example/.{v}", ".", .malformedEndpoint(.token)),
            ("https://{v}/", "a~b", .malformedEndpoint(.token)),
            ("http://{v}/", "as.example", .malformedEndpoint(.token)),
            ("https://as.example:1{v}/", "a", .malformedEndpoint(.token)),
        ])
    func spoiled(_ text: String, _ value: String, _ problem: RequestProblem) {
        var context = RequestContext.test
        context.variables["v"] = value
        #expect(throws: problem) { try Template.fill(text, endpoint: .token, context) }
    }

    @Test("of an endpoint takes no empty value")
    func empty() {
        var context = RequestContext.test
        context.variables["v"] = ""
        #expect(throws: RequestProblem.unusableVariable("v")) {
            try Template.fill("https://as.example/{v}", endpoint: .token, context)
        }
    }

    @Test("takes the account's own name for {account}, whatever a variable of that name says")
    func account() throws {
        var context = RequestContext.test
        context.variables["account"] = "other"
        #expect(try Template.fill("{account}", context) == "u@x.example/1")
    }
}
