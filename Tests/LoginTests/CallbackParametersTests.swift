import Testing
import Vocabulary

@testable import Login

@Suite("A redirected URL")
struct CallbackParametersTests {
    @Test(
        "is read whole, as its query or as a form's body",
        arguments: [
            "https://app.example/cb?code=c1&state=s1", "http://127.0.0.1:8090/cb?state=s1&code=c1",
            "?code=c1&state=s1", "code=c1&state=s1", "code=c1&state=s1#_=_",
            "/cb?code=c1&state=s1&scope=a%20b&authuser=0&flag&x=%zz&x=%zz", "code=c1&&state=s1&",
        ])
    func read(_ text: String) throws {
        let parameters = try CallbackParameters(Secret(text))
        #expect(parameters.code == Secret("c1") && parameters.state == Secret("s1"))
        #expect(parameters.error == nil && parameters.issuer == nil)
    }

    @Test("is decoded as a form")
    func decodes() throws {
        let parameters = try CallbackParameters(
            Secret("code=4%2F0A%3D+b&state=%C3%A9&iss=https%3A%2F%2Fas.example&error=access_denied"))
        #expect(parameters.code == Secret("4/0A= b") && parameters.state == Secret("é"))
        #expect(parameters.issuer == "https://as.example" && parameters.error == "access_denied")
    }

    @Test(
        "that cannot be read is refused by name",
        arguments: [
            ("https://app.example/cb", "the redirected URL has no query"),
            ("nonsense", "the redirected URL has no query"),
            ("code=a&code=b&state=s", "code stands twice in the redirected URL"),
            ("state=s&state=s&code=c", "state stands twice in the redirected URL"),
            ("code=%4&state=s", "code in the redirected URL is badly encoded"),
            ("code=%FF&state=s", "code in the redirected URL is badly encoded"),
            ("error=%&state=s", "error in the redirected URL is badly encoded"),
            ("iss=a&iss=b", "iss stands twice in the redirected URL"),
        ])
    func refused(text: String, why: String) {
        #expect {
            try CallbackParameters(Secret(text))
        } throws: {
            "\($0)" == why
        }
    }
}
