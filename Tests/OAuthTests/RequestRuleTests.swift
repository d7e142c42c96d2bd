import StrictJSON
import Testing
import Vocabulary

@testable import OAuth

@Suite("A provider's request rules")
struct RequestRuleTests {
    static let token = "POST https://as.example/token"

    static let rows: [RequestRow] = [
        RequestRow(
            "rename the client's parameters and the grant's", .renewal(),
            { $0.request.parameterNames = ["client_id": "client_key", "refresh_token": "token"] },
            is: token + " client_key=client-1&client_secret=hush&grant_type=refresh_token&token=r%2F1+"),
        RequestRow(
            "omit what is nil", .renewal(),
            { $0.request.parameterNames = ["grant_type": String?.none, "client_secret": String?.none] },
            is: token + " client_id=client-1&refresh_token=r%2F1+"),
        RequestRow(
            "overwrite in place and add behind, sorted", .code(),
            {
                $0.request.parameters[.authorizationCode] = ["z": "1", "a": "2", "grant_type": "code"]
                $0.request.parameters[.refreshToken] = ["not": "here"]
            },
            is: token + " client_id=client-1&client_secret=hush&grant_type=code&code=c%2F1&a=2&z=1"),
        RequestRow(
            "fill templates in values", .revocation(hint: "access_token"),
            { $0.request.parameters[.revocation] = ["shop": "{shop}:{odd}:{account}", "json": #"{"a":1}"#] },
            is: "POST https://as.example/revoke client_id=client-1&client_secret=hush&token=r1"
                + "&token_type_hint=access_token&json=%7B%22a%22%3A1%7D&shop=shop-1%3Aa+b%3Au%40x.example%2F1"
        ),
        RequestRow(
            "let no name stand twice", .renewal(),
            {
                $0.request.parameterNames = ["refresh_token": "t", "grant_type": "t"]
                $0.request.parameters[.refreshToken] = ["client_id": "other"]
            }, is: token + " client_id=other&client_secret=hush&t=r%2F1+"),
        RequestRow(
            "let an extra one replace one that was renamed to its name", .renewal(),
            {
                $0.request.parameterNames = ["refresh_token": "t"]
                $0.request.parameters[.refreshToken] = ["t": "mine"]
            }, is: token + " client_id=client-1&client_secret=hush&grant_type=refresh_token&t=mine"),
        RequestRow(
            "put a GET's parameters into the URL", .renewal(),
            { $0.request.method = .get },
            is: "GET https://as.example/token?client_id=client-1&client_secret=hush&grant_type=refresh_token"
                + "&refresh_token=r%2F1%20"),
        RequestRow(
            "put a GET's parameters into the URL even where JSON is wanted", .deviceToken,
            {
                $0.request.method = .get
                $0.request.encoding = .json
                $0.authMethod = .none
            },
            is: "GET https://as.example/token?client_id=client-1"
                + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d%2B1"),
        RequestRow(
            "put a POST's parameters behind the query that is there, in place of their own names", .renewal(),
            {
                $0.request.encoding = .query
                $0.tokenEndpoint = "https://as.example/token?v=2&grant%5Ftype=old&flag"
            },
            is: token + "?v=2&flag&client_id=client-1&client_secret=hush&grant_type=refresh_token"
                + "&refresh_token=r%2F1%20"),
        RequestRow(
            "leave an endpoint's own query to a form", .renewal(),
            { $0.tokenEndpoint = "https://as.example/token?v=2" },
            is: token
                + "?v=2 client_id=client-1&client_secret=hush&grant_type=refresh_token&refresh_token=r%2F1+"),
        RequestRow(
            "write a flat JSON object, extra parameters in it", .renewal(),
            {
                $0.request.encoding = .json
                $0.request.parameters[.refreshToken] = ["audience": "\"x\""]
            },
            is: token + #" {"client_id":"client-1","client_secret":"hush","grant_type":"refresh_token","#
                + #""refresh_token":"r/1 ","audience":"\"x\""}"#),
        RequestRow(
            "make Facebook's exchange", .renewal(),
            {
                $0.kind = .exchangeAccessToken
                $0.request.method = .get
                $0.request.parameterNames = ["access_token": "fb_exchange_token"]
                $0.request.parameters[.exchangeAccessToken] = ["grant_type": "fb_exchange_token"]
            },
            is: "GET https://as.example/token?client_id=client-1&client_secret=hush"
                + "&grant_type=fb_exchange_token&fb_exchange_token=r%2F1%20"),
        RequestRow(
            "make Instagram's exchange", .renewal(),
            {
                $0.kind = .exchangeAccessToken
                $0.authMethod = .none
                $0.refreshEndpoint = "https://graph.example/refresh_access_token"
                $0.request.method = .get
                $0.request.parameterNames = ["client_id": String?.none]
                $0.request.parameters[.exchangeAccessToken] = ["grant_type": "ig_refresh_token"]
            },
            is: "GET https://graph.example/refresh_access_token?grant_type=ig_refresh_token"
                + "&access_token=r%2F1%20"),
        RequestRow(
            "fill an endpoint's templates", .renewal(),
            { $0.tokenEndpoint = "https://{shop}.shops.example/{account}/token?s={shop}" },
            is: "POST https://shop-1.shops.example/u%40x.example%2F1/token?s=shop-1 client_id=client-1"
                + "&client_secret=hush&grant_type=refresh_token&refresh_token=r%2F1+"),
    ]

    @Test("are followed byte by byte", arguments: rows)
    func rules(_ row: RequestRow) throws {
        let request = try row.request()
        #expect(request.line == row.line)
        #expect(!request.description.contains("r%2F1") && !request.description.contains("hush"))
    }

    @Test("add headers, and replace ours whatever the case of their names")
    func headers() throws {
        let provider = Provider.with {
            $0.request.headers = [
                "accept": "application/vnd.example+json", "Notion-Version": "2022-06-28", "A-Header": "1",
            ]
        }
        let request = try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test)
        #expect(
            request.headers.map { "\($0.0): \($0.1)" } == [
                "accept: application/vnd.example+json", "User-Agent: tokend/\(tokendVersion)",
                "Content-Type: application/x-www-form-urlencoded", "A-Header: 1",
                "Notion-Version: 2022-06-28",
            ])
    }

    @Test("name no content type where there is no body", arguments: [RequestRules.Method.get, .post])
    func noContentType(_ method: RequestRules.Method) throws {
        let provider = Provider.with {
            $0.request.method = method
            $0.request.encoding = .query
        }
        let request = try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test)
        #expect(request.method == method)
        #expect(request.body.isEmpty)
        #expect(request.headers.map(\.0) == ["Accept", "User-Agent"])
    }

    @Test("are broken by a template that nobody fills")
    func unfilled() {
        let provider = Provider.with { $0.request.parameters[.refreshToken] = ["a": "{region}"] }
        #expect(throws: RequestProblem.unfilledVariable("region")) {
            try TokenRequest.renewal(provider, refreshToken: Secret("r1"), .test)
        }
    }
}
