import Foundation
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("The catalog's requests") struct CatalogRequestTests {
    private static let redirectURI = "https://connect.example.com/api/v1/oauth/callback/x?a=1&b=2"

    private func url(_ entry: DocumentedEntry, state: String = "STATE") throws -> String {
        let integration = try DocumentedEntry.configured(entry.id)
        return try AuthorizationRequest(
            integration, endpoints: integration.endpoints(parameters: entry.parameters),
            redirectURI: Self.redirectURI, scopes: integration.scopes(requested: ["one", "two:a.b/c"]),
            state: state, codeChallenge: "CHALLENGE", nonce: "NONCE"
        ).url()
    }

    @Test func `every entry is compared with its provider's documentation`() throws {
        #expect(try Set(Catalog().integrations.map(\.id)) == Set(DocumentedEntry.all.map(\.id)))
    }

    @Test(arguments: DocumentedEntry.all)
    func `the authorization URL, read back, is what the provider documents`(_ entry: DocumentedEntry) throws {
        let components = try #require(URLComponents(string: try url(entry)))
        #expect("https://\(components.host ?? "")\(components.path)" == entry.authorization)
        #expect(components.fragment == nil && components.port == nil && components.user == nil)
        let items = try #require(components.queryItems)
        var found: [String: String] = [:]
        for item in items {
            #expect(found.updateValue(item.value ?? "", forKey: item.name) == nil, "\(item.name) twice")
        }
        var expected = entry.fixed
        expected[entry.clientIDName] = "client"
        expected["redirect_uri"] = Self.redirectURI
        expected["state"] = "STATE"
        if entry.hasResponseType { expected["response_type"] = "code" }
        expected["scope"] = entry.separator.map {
            (["one", "two:a.b/c"] + entry.required).joined(separator: $0)
        }
        if entry.hasPKCE {
            expected["code_challenge"] = "CHALLENGE"
            expected["code_challenge_method"] = "S256"
        }
        if entry.hasNonce { expected["nonce"] = "NONCE" }
        #expect(found == expected)
    }

    @Test(arguments: DocumentedEntry.all)
    func `S16 PKCE is left out only where the provider documents none`(_ entry: DocumentedEntry) throws {
        let pkce = try DocumentedEntry.configured(entry.id).integration.authorization.pkce
        #expect(pkce.isSent == entry.hasPKCE)
        #expect(try url(entry).contains("code_challenge_method=plain") == false)
    }

    @Test(arguments: DocumentedEntry.all)
    func `a state that the provider would cut is refused`(_ entry: DocumentedEntry) throws {
        let limit = entry.maxStateLength
        #expect(try DocumentedEntry.configured(entry.id).integration.maxStateLength == limit)
        guard let limit else { return }
        #expect(try url(entry, state: String(repeating: "s", count: limit)).contains("state=sss"))
        #expect(throws: AuthorizationRequestError.stateTooLong(byteCount: limit + 1, limit: limit)) {
            try url(entry, state: String(repeating: "s", count: limit + 1))
        }
    }

    @Test(arguments: DocumentedEntry.all)
    func `the token request, read back, is what the provider documents`(_ entry: DocumentedEntry) throws {
        let integration = try DocumentedEntry.configured(entry.id)
        let request = try TokenRequest.exchange(
            integration, endpoints: integration.endpoints(parameters: entry.parameters, callbackFields: [:]),
            code: "CODE", redirectURI: Self.redirectURI, codeVerifier: "VERIFIER", state: "STATE")
        #expect(request.method == .post)
        #expect(request.url == entry.token)
        #expect(request.header("Content-Type") == entry.body)
        let basic = Data("client:secret".utf8).base64EncodedString()
        #expect(request.header("Authorization") == (entry.isBasic ? "Basic \(basic)" : nil))
        var found = try Self.fields(request)
        var expected = entry.tokenFields
        expected["grant_type"] = "authorization_code"
        expected["code"] = "CODE"
        if entry.sendsRedirectURI { expected["redirect_uri"] = Self.redirectURI }
        if entry.hasPKCE { expected["code_verifier"] = "VERIFIER" }
        for name in entry.clientFields { expected[name] = name == "client_secret" ? "secret" : "client" }
        if integration.clientKey != nil {
            // A secret that is signed differs each time.
            #expect(found["client_secret"]?.split(separator: ".").count == 3)
            found["client_secret"] = "secret"
        }
        #expect(found == expected)
    }

    @Test func `a provider with an interface of its own gets its version, and no hint that it would refuse`()
        throws
    {
        let notion = try DocumentedEntry.configured("notion")
        let request = try #require(
            try TokenRequest.revocation(
                notion, endpoints: notion.endpoints(), token: "T", tokenTypeHint: "access_token"))
        #expect(request.url == "https://api.notion.com/v1/oauth/revoke")
        #expect(try Self.fields(request) == ["token": "T"])
        #expect(request.header("Notion-Version") == "2025-09-03")
    }

    @Test(arguments: DocumentedEntry.googleProducts)
    func `S16 scopes of one family differ, and nothing else`(_ entry: DocumentedEntry) throws {
        let scopes = try DocumentedEntry.configured(entry.id).scopes(requested: [])
        #expect(scopes.suffix(2) == ["openid", "email"])
        let own = scopes.dropLast(2)
        #expect(!own.isEmpty && own.allSatisfy { $0.hasPrefix("https://www.googleapis.com/auth/") })
    }

    /// An account is named by the ID token, so a default connection has to ask for one.
    @Test(arguments: DocumentedEntry.googleProducts + DocumentedEntry.microsoftProducts)
    func `S38 a family that names accounts by claims always asks for an ID token`(
        _ entry: DocumentedEntry
    ) throws {
        let integration = try DocumentedEntry.configured(entry.id)
        #expect(integration.integration.account.id.allSatisfy { $0.parts.allSatisfy(Self.areClaims) })
        for requested in [[], ["one"]] {
            #expect(integration.scopes(requested: requested).contains("openid"))
        }
    }

    private static func areClaims(_ paths: [ResponsePath]) -> Bool {
        paths.allSatisfy { $0.names.first == "claims" }
    }

    private static func fields(_ request: TokenRequest) throws -> [String: String] {
        if request.header("Content-Type") == "application/json" {
            let object = try JSONSerialization.jsonObject(with: Data(request.body))
            return try #require(object as? [String: String])
        }
        var components = URLComponents()
        components.percentEncodedQuery = text(request.body).replacing("+", with: "%20")
        return Dictionary(
            (components.queryItems ?? []).map { ($0.name, $0.value ?? "") },
            uniquingKeysWith: { first, _ in
                first + " (twice)"
            })
    }
}
