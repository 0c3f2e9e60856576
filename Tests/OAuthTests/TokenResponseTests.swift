import Encodings
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("TokenResponse") struct TokenResponseTests {
    private func parse(
        _ body: String, _ integration: ConfiguredIntegration, status: Int = 200,
        type: String? = "application/json"
    ) throws(TokenError) -> TokenResponse {
        try TokenResponse.parse(
            status: status, contentType: type, body: Array(body.utf8), integration: integration,
            requestedScopes: ["asked"])
    }

    @Test func `a plain answer is read`() throws {
        let response = try parse(
            #"{"access_token":"A","token_type":"bearer","expires_in":3600,"refresh_token":"R","scope":"a b","#
                + #""refresh_token_expires_in":"86400"}"#, sample())
        #expect(response.accessToken == "A")
        #expect(response.tokenType == "bearer")
        #expect(response.refreshToken == "R")
        #expect(response.refreshTokenLifetime == .seconds(.seconds(86_400)))
        #expect(response.scopes == ["a", "b"])
        #expect(response.lifetime == .seconds(.seconds(3_600)))
    }

    @Test func `what is left out is as asked, Bearer, and of no stated lifetime`() throws {
        let response = try parse(#"{"access_token":"A"}"#, sample())
        #expect(response.scopes == ["asked"])
        #expect(response.tokenType == "Bearer")
        #expect(response.lifetime == .unstated)
        #expect(response.refreshToken == nil)
    }

    @Test func `slack's bot token comes with its own fields`() throws {
        let body = #"""
            {"ok":true,"access_token":"xoxb","token_type":"bot","scope":"chat:write,im:read","app_id":"A1",
             "team":{"id":"T1","name":"Team"},"enterprise":null,
             "authed_user":{"id":"U1","scope":"search:read","access_token":"xoxp","refresh_token":"xoxe",
             "expires_in":5}}
            """#
        let slack = try sample(id: "slack")
        let response = try parse(body, slack)
        #expect(response.accessToken == "xoxb")
        #expect(response.scopes == ["chat:write", "im:read"])
        #expect(response.refreshToken == nil)
        #expect(response.lifetime == .unstated)
        #expect(response.account(of: slack) == .init(id: "T1", label: "Team"))
        #expect(Set(response.fields.keys) == ["app_id", "team.id", "team.name", "authed_user.id"])
        let second = try #require(response.second)
        #expect(second.accessToken == "xoxp" && second.refreshToken == "xoxe" && second.tokenType == "Bearer")
        #expect(second.lifetime == .seconds(.seconds(5)) && second.scopes == ["search:read"])
    }

    @Test func `slack's refreshes are read for the grant that is refreshed`() throws {
        let slack = try sample(id: "slack")
        func refreshed(_ body: String, _ part: GrantPart) throws(TokenError) -> TokenResponse {
            try TokenResponse.parse(
                status: 200, contentType: nil, body: Array(body.utf8), integration: slack,
                requestedScopes: [], isRefresh: true, part: part)
        }
        let top =
            #"{"ok":true,"access_token":"new","token_type":"user","refresh_token":"r","expires_in":43200}"#
        for part in [GrantPart.first, .second] {
            let response = try refreshed(top, part)
            #expect(response.accessToken == "new" && response.refreshToken == "r" && response.second == nil)
        }
        let both = #"{"ok":true,"access_token":"bot","authed_user":{"access_token":"user","scope":"a,b"}}"#
        #expect(try refreshed(both, .second).accessToken == "user")
        #expect(try refreshed(both, .second).scopes == ["a", "b"])
        #expect(try refreshed(both, .first).second?.accessToken == "user")
        let bad = #"{"ok":true,"access_token":"bot","authed_user":{"access_token":"us\ner"}}"#
        let kept = try refreshed(bad, .first)
        #expect(kept.accessToken == "bot" && kept.second == nil && kept.droppedParts == ["second grant"])
        #expect(throws: TokenError.self) { try refreshed(bad, .second) }
        for body in [
            #"{"ok":false,"error":"invalid_refresh_token"}"#, "{}", #"{"ok":true,"authed_user":{}}"#,
        ] {
            #expect(throws: TokenError.self) { try refreshed(body, .second) }
        }
    }

    @Test func `slack's user token is found where there is no other`() throws {
        let body = #"""
            {"ok":true,"authed_user":{"id":"U1","scope":"search:read","access_token":"xoxp",
             "token_type":"user",
             "refresh_token":"xoxe","expires_in":43200}}
            """#
        let response = try parse(body, sample(id: "slack"))
        #expect(response.accessToken == "xoxp" && response.second == nil)
        #expect(response.refreshToken == "xoxe")
        #expect(response.lifetime == .seconds(.seconds(43_200)))
        #expect(response.scopes == ["search:read"])
    }

    @Test func `an error under status 200 is an error`() throws {
        let slack = try sample(id: "slack")
        #expect(throws: TokenError.rejected(code: "invalid_grant", description: "invalid_code")) {
            try parse(#"{"ok":false,"error":"invalid_code"}"#, slack)
        }
        #expect(throws: TokenError.rejected(code: "bad_client_secret", description: nil)) {
            try parse(#"{"ok":false,"error":"bad_client_secret"}"#, slack)
        }
        let github = try sample(id: "github")
        let body = "error=bad_verification_code&error_description=The+code+passed+is+incorrect+or+expired."
        do throws(TokenError) {
            _ = try parse(body, github, type: "application/x-www-form-urlencoded; charset=utf-8")
            Issue.record("an error was taken for an answer")
        } catch {
            #expect(error.isInvalidGrant)
        }
    }

    @Test func `a status in every answer is an error only where it says so`() throws {
        let integration = try sample(
            "response: {access_token: body.access_token, error: status, success_values: [\"0\"]}")
        #expect(try parse(#"{"status":0,"body":{"access_token":"A"}}"#, integration).accessToken == "A")
        #expect(throws: TokenError.rejected(code: "503", description: nil)) {
            try parse(#"{"status":503,"body":{"access_token":"A"}}"#, integration)
        }
    }

    @Test func `github's form-encoded answer is read`() throws {
        let body = "access_token=gho_16C7e42F&scope=repo%2Cgist&token_type=bearer"
        for type in ["application/x-www-form-urlencoded; charset=utf-8", "text/plain", nil] {
            let response = try parse(body, sample(id: "github"), type: type)
            #expect(response.accessToken == "gho_16C7e42F")
            #expect(response.scopes == ["repo", "gist"])
        }
        #expect(try parse("access_token=A&scope=", sample(id: "github"), type: nil).scopes == [])
    }

    @Test func `scopes come as an array too`() throws {
        #expect(try parse(#"{"access_token":"A","scope":["x","y"]}"#, sample()).scopes == ["x", "y"])
    }

    @Test func `a token in a list is found with what lies beside it`() throws {
        let integration = try sample(
            "response: {access_token: [access_token, data.0.access_token], scope: [scope, data.0.permissions]}"
        )
        let response = try parse(
            #"{"data":[{"access_token":"A","permissions":["x","y"]},{"access_token":"B"}]}"#, integration)
        #expect(response.accessToken == "A" && response.scopes == ["x", "y"])
        #expect(throws: TokenError.unusable(reason: "the response holds no access token")) {
            try parse(#"{"data":[]}"#, integration)
        }
    }

    @Test(arguments: [
        (#""expires_at":1900000000"#, TokenLifetime.until(Timestamp(secondsSinceEpoch: 1_900_000_000))),
        (#""expires_on":"1900000000""#, .until(Timestamp(secondsSinceEpoch: 1_900_000_000))),
        (#""expires_at":null,"expires_on":1900000000"#, .until(Timestamp(secondsSinceEpoch: 1_900_000_000))),
        (#""x":1"#, .assumed(.seconds(900))),
    ])
    func `an end is found under any of its names, or assumed`(_ members: String, _ expected: TokenLifetime)
        throws
    {
        let integration = try sample(
            "response: {expires_at: [expires_at, expires_on], assumed_lifetime: 900}")
        #expect(try parse("{\"access_token\":\"A\",\(members)}", integration).lifetime == expected)
    }

    @Test(
        arguments: [[UInt8]](
            [
                Array("access_token=A%20B&scope=x".utf8), Array(#"{"access_token":"A B","scope":"x"}"#.utf8),
                inTwoOctets(bigEndian: false, mark: true), inTwoOctets(bigEndian: true, mark: false),
                inTwoOctets(bigEndian: false, mark: false), inFourOctets,
            ]))
    func `what is said to be JSON is read by its octets`(_ body: [UInt8]) throws {
        let response = try TokenResponse.parse(
            status: 200, contentType: "application/json", body: body, integration: sample(),
            requestedScopes: [])
        #expect(response.accessToken == "A B" && response.scopes == ["x"])
    }

    private static let text = #"{"access_token":"A B","scope":"x"}"#

    private static func inTwoOctets(bigEndian: Bool, mark: Bool) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
            let octets = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return bigEndian ? octets : octets.reversed()
        }
    }

    private static let inFourOctets: [UInt8] = text.utf8.flatMap { [$0, 0, 0, 0] }

    @Test func `a refresh token that is written as a number is kept`() throws {
        let response = try parse(#"{"access_token":"A","refresh_token":12345678901234567890}"#, sample())
        #expect(response.refreshToken == "12345678901234567890")
    }

    @Test func `JSON under a wrong content type is JSON`() throws {
        #expect(try parse(" {\"access_token\":\"A\"}", sample(), type: "text/html").accessToken == "A")
    }

    /// The token of one member of a team is not the team's, a shop's user is not the shop, and an object id belongs to
    /// its tenant.
    @Test func `S38 an account is as narrow as its token`() throws {
        let slack = try sample(id: "slack")
        func name(_ body: String, _ callback: [String: String] = [:]) throws -> String? {
            try parse(body, slack).account(of: slack, callbackFields: callback).id
        }
        let user = #""authed_user":{"id":"U1","access_token":"xoxp"}"#
        #expect(try name(#"{"ok":true,"team":{"id":"T1"},\#(user)}"#) == "T1:U1")
        #expect(try name(#"{"ok":true,"team":null,"enterprise":{"id":"E1"},\#(user)}"#) == "E1:U1")
        #expect(try name(#"{"ok":true,"access_token":"xoxb","team":{"id":"T1"},\#(user)}"#) == "T1")
        #expect(try name(#"{"ok":true,"team":{"id":"T:1"},\#(user)}"#) == "T%3A1:U1")
        #expect(try name(#"{"ok":true,\#(user)}"#) == nil)

        let shopify = try sample(id: "shopify")
        let shop = ["shop": "a.myshopify.com"]
        let offline = try parse(#"{"access_token":"A"}"#, shopify)
        #expect(offline.account(of: shopify, callbackFields: shop).id == "a.myshopify.com")
        #expect(offline.account(of: shopify).id == nil)
        let online = try parse(#"{"access_token":"A","associated_user":{"id":7}}"#, shopify)
        #expect(online.account(of: shopify, callbackFields: shop).id == "a.myshopify.com:7")

        let microsoft = try sample(id: "microsoft")
        let payload = Base64URL.encode(Array(#"{"oid":"o","tid":"t"}"#.utf8).span)
        let token = try parse(#"{"access_token":"A","id_token":"e30.\#(payload).c"}"#, microsoft)
        #expect(token.account(of: microsoft).id == "t:o")
    }

    @Test func `an ID token's claims name the account`() throws {
        let payload = Base64URL.encode(Array(#"{"sub":"10769","email":"a@example.com"}"#.utf8).span)
        let gmail = try sample(id: "gmail")
        let response = try parse(#"{"access_token":"A","id_token":"e30.\#(payload).sig"}"#, gmail)
        #expect(response.account(of: gmail) == .init(id: "10769", label: "a@example.com"))
        for token in ["", "x", "a.b", "a.!.c", "a.e30.c", "a.\(payload).c.d"] {
            let response = try parse(#"{"access_token":"A","id_token":"\#(token)"}"#, gmail)
            #expect(response.account(of: gmail) == .init(id: nil, label: nil))
        }
    }

    @Test func `a definite error is told from an unknown outcome`() throws {
        let integration = try sample()
        #expect(throws: TokenError.rejected(code: "invalid_grant", description: "Bad")) {
            try parse(#"{"error":"invalid_grant","error_description":"Bad"}"#, integration, status: 400)
        }
        #expect(throws: TokenError.rejected(code: "invalid_client", description: nil)) {
            try parse(#"{"error":"invalid_client"}"#, integration, status: 401)
        }
        for status in [429, 500, 502, 503, 504] {
            #expect(throws: TokenError.serverError(status: status)) {
                try parse(#"{"error":"invalid_grant"}"#, integration, status: status)
            }
        }
    }

    @Test(arguments: [
        (200, ""), (200, "{"), (200, "{}"), (200, "null"), (200, "[]"), (200, "[{\"access_token\":\"A\"}]"),
        (200, "<html>"), (200, #"{"access_token":""}"#), (200, #"{"access_token":1}"#),
        (200, #"{"access_token":null}"#),
        (200, #"{"access_token":["A"]}"#),
        (200, "access_token"), (302, ""), (302, #"{"access_token":"A"}"#), (400, "{}"), (404, "<html>"),
        (200, String(repeating: "[", count: 100_000)),
    ]) func `S28 garbage has no known outcome`(_ status: Int, _ body: String) throws {
        let integration = try sample()
        do throws(TokenError) {
            _ = try parse(body, integration, status: status, type: nil)
            Issue.record("garbage was taken for an answer")
        } catch {
            guard case .unusable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `S28 an answer over 1 MiB is not read`() throws {
        let integration = try sample()
        let body = #"{"access_token":"A","x":""# + String(repeating: "x", count: 1 << 20) + "\"}"
        #expect(throws: TokenError.self) { try parse(body, integration) }
    }

    @Test func `S23 no error and no description repeats a token`() throws {
        let integration = try sample()
        let canary = "canary-4f0c9e7d8b6a5f43"
        let bodies = [
            #"{"error":"\#(canary)x y","error_description":"code \#(canary) is bad"}"#,
            #"{"token":"\#(canary)"}"#,
            #"{"error":{"message":"\#(canary)"}}"#, #"{"access_token":["\#(canary)"]}"#, "token=\(canary)",
            #"{"error":"invalid_grant","error_description":"'\#(canary)'"}"#,
        ]
        for body in bodies {
            for status in [200, 400] {
                do throws(TokenError) {
                    _ = try parse(body, integration, status: status)
                } catch {
                    #expect(!"\(error)".contains(canary))
                }
            }
        }
        let response = try parse(#"{"access_token":"\#(canary)"}"#, integration)
        var dumped = ""
        dump(response, to: &dumped)
        for text in ["\(response)", String(reflecting: response), dumped] { #expect(!text.contains(canary)) }
    }
}
