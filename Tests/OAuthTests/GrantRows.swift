// The rows for plain RFC 6749 answers that carry a token, or claim to.

@testable import OAuth

extension AnswerRow {
    static let members: [AnswerRow] = [
        .init(
            "a full answer yields all of it",
            body:
                #"{"access_token":"a1","token_type":"Bearer","expires_in":600,"refresh_token":"r2","scope":"x y"}"#,
            is: "a1 Bearer 600 refresh=r2 scope='x y'"),
        .init(
            "a missing refresh token keeps the old one", body: #"{"access_token":"a1","expires_in":600}"#,
            is: "a1 Bearer 600"),
        .init(
            "an empty refresh token keeps the old one",
            body: #"{"access_token":"a1","expires_in":600,"refresh_token":""}"#, is: "a1 Bearer 600"),
        .init(
            "a null refresh token keeps the old one",
            body: #"{"access_token":"a1","expires_in":600,"refresh_token":null}"#, is: "a1 Bearer 600"),
        .init(
            "a refresh token that is no text keeps the old one",
            body: #"{"access_token":"a1","expires_in":600,"refresh_token":{"v":1}}"#, is: "a1 Bearer 600"),
        .init(
            "a refresh token may hold what only a form must escape",
            body: #"{"access_token":"a1","expires_in":600,"refresh_token":"1//a+b/=&% ü"}"#,
            is: "a1 Bearer 600 refresh=1//a+b/=&% ü"),
        .init(
            "a 201 is a success", status: 201, body: #"{"access_token":"a1","expires_in":600}"#,
            is: "a1 Bearer 600"),
        .init(
            "bearer in lower case is Bearer",
            body: #"{"access_token":"a1","token_type":"bearer","expires_in":9}"#, is: "a1 Bearer 9"),
        .init(
            "bearer in mixed case is Bearer",
            body: #"{"access_token":"a1","token_type":"bEaReR","expires_in":9}"#, is: "a1 Bearer 9"),
        .init(
            "a null token type is Bearer", body: #"{"access_token":"a1","token_type":null,"expires_in":9}"#,
            is: "a1 Bearer 9"),
        .init(
            "an empty token type is Bearer", body: #"{"access_token":"a1","token_type":"","expires_in":9}"#,
            is: "a1 Bearer 9"),
        .init(
            "a null scope leaves the scope", body: #"{"access_token":"a1","expires_in":9,"scope":null}"#,
            is: "a1 Bearer 9"),
        .init(
            "an empty scope is one", body: #"{"access_token":"a1","expires_in":9,"scope":""}"#,
            is: "a1 Bearer 9 scope=''"),
        .init(
            "a list of scopes becomes a text",
            body: #"{"access_token":"a1","expires_in":9,"scope":["x","y"]}"#, is: "a1 Bearer 9 scope='x y'"),
        .init(
            "unknown members are ignored",
            body: #"{"user":{"id":[1,{}]},"access_token":"a1","expires_in":9,"iat":4}"#, is: "a1 Bearer 9"),
        .init(
            "a null error is none", body: #"{"error":null,"access_token":"a1","expires_in":9}"#,
            is: "a1 Bearer 9"),
        .init(
            "an empty error is none", body: #"{"error":"","access_token":"a1","expires_in":9}"#,
            is: "a1 Bearer 9"),
        .init(
            "an error of false is none", body: #"{"error":false,"access_token":"a1","expires_in":9}"#,
            is: "a1 Bearer 9"),
        .init(
            "an error of 0 is none", body: #"{"error":0,"access_token":"a1","expires_in":9}"#,
            is: "a1 Bearer 9"),
        .init(
            "a byte order mark is skipped", body: "\u{FEFF}{\"access_token\":\"a1\",\"expires_in\":9}",
            is: "a1 Bearer 9"),
        .init(
            "white space around is skipped", body: " \r\n{\"access_token\" : \"a1\"\t, \"expires_in\":9 }\n",
            is: "a1 Bearer 9"),
        .init(
            "JSON labelled as HTML is JSON", headers: "Content-Type: text/html",
            body: #"{"access_token":"a1","expires_in":9}"#, is: "a1 Bearer 9"),
        .init(
            "a form is read", headers: "Content-Type: application/x-www-form-urlencoded",
            body: "access_token=a%2B1&expires_in=9&refresh_token=r%252&scope=x+y",
            is: "a+1 Bearer 9 refresh=r%2 scope='x y'"),
        .init(
            "a form labelled as text is read", headers: "Content-Type: text/plain",
            body: "access_token=a1&expires=500\n", is: "a1 Bearer 500"),
        .init(
            "an access token may be long",
            body: #"{"access_token":"\#(String(repeating: "k", count: 20_000))","expires_in":9}"#,
            is: "\(String(repeating: "k", count: 20_000)) Bearer 9"),
        .init(
            "an access token may hold any visible ASCII",
            body: ##"{"access_token":"!#$%&'()*+,-./:;<=>?@[]^_`{|}~","expires_in":9}"##,
            is: "!#$%&'()*+,-./:;<=>?@[]^_`{|}~ Bearer 9"),
    ]

    static let lifetimes: [AnswerRow] = [
        .init(
            "digits in a string are a number", body: #"{"access_token":"a1","expires_in":"600"}"#,
            is: "a1 Bearer 600"),
        .init(
            "spaces around the digits do not matter", body: #"{"access_token":"a1","expires_in":" 600 "}"#,
            is: "a1 Bearer 600"),
        .init(
            "a fraction is dropped, never rounded up", body: #"{"access_token":"a1","expires_in":599.99}"#,
            is: "a1 Bearer 599"),
        .init(
            "an exponent is understood", body: #"{"access_token":"a1","expires_in":6e2}"#, is: "a1 Bearer 600"
        ),
        .init("one second is a lifetime", body: #"{"access_token":"a1","expires_in":1}"#, is: "a1 Bearer 1"),
        .init("a missing lifetime is assumed", body: #"{"access_token":"a1"}"#, is: "a1 Bearer 3600 assumed"),
        .init(
            "a null lifetime is assumed", body: #"{"access_token":"a1","expires_in":null}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a lifetime of true is assumed", body: #"{"access_token":"a1","expires_in":true}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a lifetime of {} is assumed", body: #"{"access_token":"a1","expires_in":{}}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a lifetime of [600] is assumed", body: #"{"access_token":"a1","expires_in":[600]}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a lifetime in words is assumed, and the rotated token kept",
            body: #"{"access_token":"a1","expires_in":"one hour","refresh_token":"r2"}"#,
            is: "a1 Bearer 3600 assumed refresh=r2"),
        .init(
            "an empty lifetime is assumed", body: #"{"access_token":"a1","expires_in":""}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a lifetime of 0 is assumed", body: #"{"access_token":"a1","expires_in":0}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a fraction of a second is 0", body: #"{"access_token":"a1","expires_in":0.9}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a negative lifetime is assumed", body: #"{"access_token":"a1","expires_in":-60}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "a lifetime beyond a year is cut", body: #"{"access_token":"a1","expires_in":4294967296}"#,
            is: "a1 Bearer 31536000"),
        .init(
            "a lifetime beyond 64 bits is cut",
            body: #"{"access_token":"a1","expires_in":92233720368547758089}"#, is: "a1 Bearer 31536000"),
        .init(
            "a lifetime beyond a double is cut", body: #"{"access_token":"a1","expires_in":1e999}"#,
            is: "a1 Bearer 31536000"),
        .init(
            "a lifetime below a double is assumed", body: #"{"access_token":"a1","expires_in":-1e999}"#,
            is: "a1 Bearer 3600 assumed"),
        .init(
            "an expires_at that the dialect does not know is ignored",
            body: #"{"access_token":"a1","expires_in":600,"expires_at":5}"#, is: "a1 Bearer 600"),
    ]

    /// Successes that cannot be used: the old grant stays.
    static let malformed: [AnswerRow] = [
        .init("no body", body: "", is: "malformed-answer"),
        .init("no content", status: 204, body: "", is: "malformed-answer"),
        .init("white space alone", body: " \n", is: "malformed-answer"),
        .init(
            "a page", headers: "Content-Type: text/html", body: "<!doctype html><title>Log in</title>",
            is: "malformed-answer"),
        .init(
            "a page labelled as JSON", headers: "Content-Type: application/json", body: "\n<html></html>",
            is: "malformed-answer"),
        .init("a sentence", body: "Service is being updated", is: "malformed-answer"),
        .init(
            "JSON cut in the middle", body: #"{"access_token":"a1","expires_in":6"#, is: "malformed-answer"),
        .init("two documents", body: #"{"access_token":"a1"} {"access_token":"a2"}"#, is: "malformed-answer"),
        .init("two equal names", body: #"{"access_token":"a1","access_token":"a2"}"#, is: "malformed-answer"),
        .init(
            "two equal names, one of them escaped", body: #"{"access_token":"a1","access\u005ftoken":"a2"}"#,
            is: "malformed-answer"),
        .init("two equal names in a form", body: "access_token=a1&access_token=a2", is: "malformed-answer"),
        .init(
            "deep nesting", body: #"{"access_token":"a1","x":"# + String(repeating: "[", count: 5_000),
            is: "malformed-answer"),
        .init(
            "broken UTF-8", bytes: Array(#"{"access_token":"a"#.utf8) + [0xC3, 0x28] + Array("\"}".utf8),
            is: "malformed-answer"),
        .init("UTF-16", bytes: [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], is: "malformed-answer"),
        .init("a string", body: #""a1""#, is: "malformed-answer"),
        .init("a number", body: "17", is: "malformed-answer"),
        .init("null", body: "null", is: "malformed-answer"),
        .init("an array", body: #"[{"access_token":"a1"}]"#, is: "malformed-answer"),
        .init("an empty object", body: "{}", is: "malformed-answer"),
        .init(
            "no access token", body: #"{"token_type":"Bearer","expires_in":600,"refresh_token":"r2"}"#,
            is: "malformed-answer"),
        .init(
            "a null access token", body: #"{"access_token":null,"expires_in":600}"#, is: "malformed-answer"),
        .init(
            "an empty access token", body: #"{"access_token":"","expires_in":600}"#, is: "malformed-answer"),
        .init(
            "an access token that is a number", body: #"{"access_token":12345,"expires_in":600}"#,
            is: "malformed-answer"),
        .init(
            "an access token with a space", body: #"{"access_token":"a 1","expires_in":600}"#,
            is: "malformed-answer"),
        .init(
            "an access token with a line break", body: #"{"access_token":"a1\r\nX: y","expires_in":600}"#,
            is: "malformed-answer"),
        .init(
            "an access token beyond ASCII", body: #"{"access_token":"aé","expires_in":600}"#,
            is: "malformed-answer"),
        .init(
            "a MAC token", body: #"{"access_token":"a1","token_type":"mac","expires_in":600}"#,
            is: "malformed-answer"),
        .init(
            "a DPoP token", body: #"{"access_token":"a1","token_type":"DPoP","expires_in":600}"#,
            is: "malformed-answer"),
        .init(
            "an unknown error beside a token", body: #"{"access_token":"a1","error":"odd_thing"}"#,
            is: "malformed-answer code=odd_thing"),
        .init(
            "an error object beside a token", body: #"{"access_token":"a1","error":{"code":5}}"#,
            is: "malformed-answer"),
        .init(
            "an unknown error alone", body: #"{"error":"odd_thing"}"#, is: "malformed-answer code=odd_thing"),
    ]
}
