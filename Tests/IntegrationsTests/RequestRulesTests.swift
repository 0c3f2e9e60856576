import Testing

@testable import Integrations

@Suite("Requests in the catalog") struct RequestRulesTests {
    @Test(arguments: [
        ("token: {method: DELETE}", "token.method", "POST, GET"),
        ("token: {parameter_names: {token: x}}", "token.parameter_names.token", "no such key"),
        ("token: {headers: {X: \"{access_token}\"}}", "token.headers.X", "does not declare"),
        ("refresh: {method: GET, body: form}", "refresh.body", "query"),
        ("refresh: {method: DELETE}", "refresh.method", "POST, GET"),
        ("refresh: {token: id_token}", "refresh.token", "refresh_token, access_token"),
        ("refresh: {omit: [refresh_token]}", "refresh.omit", "can leave out only"),
        ("refresh: {with: [code]}", "refresh.with", "redirect_uri"),
        ("refresh: {margin: 0}", "refresh.margin", "an integer"),
        ("refresh: {window: 0}", "refresh.window", "an integer"),
        ("refresh: {too_early: too_soon}", "refresh.too_early", "list of texts"),
        ("refresh: {too_early: [\"\"]}", "refresh.too_early", "not empty"),
        ("refresh: {idle_lifetime: long}", "refresh.idle_lifetime", "an integer"),
        ("refresh: {parameters: {refresh_token: x}}", "refresh.parameters", "filled by the flow"),
        ("refresh: {headers: {Authorization: x}}", "refresh.headers", "set by the request"),
        ("refresh: {parameter_names: {code: x}}", "refresh.parameter_names.code", "no such key"),
        ("revocation: {method: PUT}", "revocation.method", "POST, DELETE, GET"),
        ("revocation: {send_as: header}", "revocation.send_as", "parameter, bearer"),
        ("revocation: {token: both}", "revocation.token", "refresh_token, access_token"),
        ("revocation: {omit: [token_type_hint]}", "revocation.omit", "can leave out only"),
        ("revocation: {omit: [token]}", "revocation.omit", "{token}"),
        ("revocation: {authentication: basic}", "revocation.authentication", "client_secret_basic"),
        ("revocation: {parameters: {x: \"{client_secret}\"}}", "revocation.parameters.x", "does not declare"),
        ("revocation: {headers: {X: \"{access_token}\"}}", "revocation.headers.X", "does not declare"),
        ("revocation: {headers: {Content-Type: x}}", "revocation.headers", "set by the request"),
        (
            "revocation: {send_as: bearer, headers: {Authorization: \"X {token}\"}}", "revocation.headers",
            "takes the place"
        ),
        (
            "revocation: {authentication: both, headers: {Authorization: \"X {token}\"}}",
            "revocation.headers", "takes the place"
        ),
        (
            "token: {authentication: none}\nrevocation: {headers: {X: \"{client_secret}\"}}",
            "revocation.headers", "the client has none"
        ),
        ("revocation: {parameters: {token: x}}", "revocation.parameters", "filled by the flow"),
        ("revocation: {method: GET, body: json}", "revocation.body", "query"),
        ("response: {second_grant: {}}", "response.second_grant.access_token", "is needed"),
        ("response: {second_grant: {refresh_token: a.b}}", "response.second_grant.access_token", "is needed"),
        (
            "response: {second_grant: {access_token: access_token}}", "response.second_grant.access_token",
            "first"
        ),
        ("response: {second_grant: {access_token: $.a}}", "response.second_grant.access_token", "a path"),
        (
            "response: {second_grant: {access_token: a.b, id_token: a.c}}", "response.second_grant.id_token",
            "no such"
        ),
        (
            "response: {second_grant: {access_token: a.b, revocation: both}}",
            "response.second_grant.revocation", "own, first"
        ),
        ("response: {second_grant: yes}", "response.second_grant", "mapping"),
        ("token: {client_assertion: {}}", "token.client_assertion.algorithm", "is needed"),
        ("token: {client_assertion: {algorithm: HS256}}", "token.client_assertion.algorithm", "RS256"),
        ("token: {client_assertion: {algorithm: none}}", "token.client_assertion.algorithm", "RS256"),
        ("token: {client_assertion: {algorithm: ES256}}", "token.client_assertion.audience", "issuer"),
        (
            "token: {authentication: none, client_assertion: {algorithm: ES256}}", "token.client_assertion",
            "takes the place"
        ),
    ])
    func `what no request can be is rejected`(_ extra: String, _ field: String, _ advice: String) throws {
        let found = mistakes(entryText(extra))
        let mistake = try #require(found.first { $0.field == field }, "\(found)")
        #expect(mistake.advice.contains(advice), "\(mistake)")
    }
}

@Suite("A second exchange in the catalog") struct SecondExchangeRulesTests {
    private static let good = "url: https://example.com/long, parameters: {t: \"{access_token}\"}"

    @Test(arguments: [
        ("exchange_after: {}", "exchange_after.url", "is needed"),
        ("exchange_after: {url: https://example.com/long}", "exchange_after.parameters", "{access_token}"),
        ("exchange_after: {\(good), method: DELETE}", "exchange_after.method", "POST, GET"),
        ("exchange_after: {\(good), method: GET, body: form}", "exchange_after.body", "query"),
        ("exchange_after: {\(good), omit: [code]}", "exchange_after.omit", "can leave out only"),
        ("exchange_after: {\(good), colour: red}", "exchange_after.colour", "no such key"),
        (
            "exchange_after: {url: https://example.com/long, parameters: {t: \"{refresh_token}\"}}",
            "exchange_after.parameters.t", "does not declare"
        ),
        (
            "exchange_after: {url: \"http://example.com/\", parameters: {t: \"{access_token}\"}}",
            "exchange_after.url", "https://"
        ),
        (
            "parameters: {h: {kind: host}}\nexchange_after: {url: \"https://{h}/\", parameters: {t: \"{access_token}\"}}",
            "exchange_after.url", "access token"
        ),
        (
            "parameters: {h: {kind: host}}\nexchange_after: {url: \"https://{h}/\", parameters: {t: \"{access_token}\"}}",
            "exchange_after", "client secret"
        ),
        (
            "token: {authentication: none}\nexchange_after: {url: https://example.com/, parameters: {t: \"{access_token}\", s: \"{client_secret}\"}}",
            "exchange_after.parameters", "the client has none"
        ),
    ])
    func `S40 an exchange that cannot be, or would send the token anywhere, is rejected`(
        _ extra: String, _ field: String, _ advice: String
    ) throws {
        let found = mistakes(entryText(extra))
        #expect(found.contains { $0.field == field && $0.advice.contains(advice) }, "\(found)")
    }

    @Test func `an operator's token endpoint is followed by no catalog's exchange`() throws {
        var settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        let text = entryText("exchange_after: {\(Self.good)}")
        #expect(
            try configured(text, settings: settings).secondExchangeURL(parameters: [:])
                == "https://example.com/long")
        settings.authorizationEndpoint = "https://other.example/authorize"
        settings.tokenEndpoint = "https://other.example/token"
        #expect(try configured(text, settings: settings).secondExchangeURL(parameters: [:]) == nil)
    }
}
