import Foundation
import Testing

@testable import Sandbox

@Suite("Sandbox token endpoint") struct SandboxTokenTests {
    let bench = SandboxBench()

    private func error(_ fields: Fields, authorization: String? = nil) -> SandboxTokenError? {
        #expect(throws: SandboxTokenError.self) { try bench.tokens(fields, authorization: authorization) }
    }

    private func isInvalidGrant(_ error: SandboxTokenError?) -> Bool {
        if case .invalidGrant = error { true } else { false }
    }

    private func isInvalidRequest(_ error: SandboxTokenError?) -> Bool {
        if case .invalidRequest = error { true } else { false }
    }

    private func basic(_ text: String) -> String { "Basic \(Data(text.utf8).base64EncodedString())" }

    // MARK: Codes

    @Test func `a code gives tokens with the scopes that were allowed`() throws {
        let tokens = try bench.tokens(SandboxBench.exchange(bench.code(scope: "email")))
        #expect(tokens.scopes == [.email])
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) == [.email])
        #expect(tokens.accessToken != tokens.refreshToken)
    }

    @Test func `a code is good once, and a second use ends what the first one gave`() throws {
        let exchange = try SandboxBench.exchange(bench.code())
        let tokens = try bench.tokens(exchange)
        #expect(isInvalidGrant(error(exchange)))
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) == nil)
        #expect(isInvalidGrant(error(SandboxBench.refresh(tokens.refreshToken))))
    }

    @Test func `a code is good for less than a minute`() throws {
        let codes = try (0..<2).map { _ in try bench.code() }
        bench.pass(seconds: 59)
        #expect(throws: Never.self) { try bench.tokens(SandboxBench.exchange(codes[0])) }
        bench.pass(seconds: 1)
        #expect(isInvalidGrant(error(SandboxBench.exchange(codes[1]))))
    }

    @Test(
        arguments: [
            ("code", "unknown"), ("redirect_uri", "http://127.0.0.1:8080/"),
            ("redirect_uri", sandboxRedirectURI + "/"),
            ("code_verifier", String(sandboxVerifier.dropLast() + "l")), ("code_verifier", sandboxChallenge),
            ("code_verifier", "short"), ("code_verifier", String(repeating: "a", count: 129)),
        ])
    func `a grant that does not fit is refused`(_ name: String, _ value: String) throws {
        #expect(isInvalidGrant(error(try SandboxBench.exchange(bench.code()).setting(name, value))))
    }

    @Test(arguments: ["redirect_uri", "code_verifier"])
    func `a wrong guess uses the code up`(_ name: String) throws {
        let exchange = try SandboxBench.exchange(bench.code())
        #expect(isInvalidGrant(error(exchange.setting(name, sandboxChallenge))))
        #expect(isInvalidGrant(error(exchange)))
    }

    @Test(arguments: ["code", "redirect_uri", "code_verifier", "grant_type"])
    func `a parameter that is missing is an invalid request`(_ name: String) throws {
        let exchange = try SandboxBench.exchange(bench.code())
        #expect(isInvalidRequest(error(exchange.setting(name, nil))))
        #expect(isInvalidRequest(error(exchange.setting(name, ""))))
        #expect(throws: Never.self) { try bench.tokens(exchange) }
    }

    @Test(arguments: ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"])
    func `a doubled parameter is an invalid request`(_ name: String) throws {
        #expect(isInvalidRequest(error(try SandboxBench.exchange(bench.code()).doubling(name))))
    }

    @Test(arguments: ["password", "client_credentials", "Authorization_code"])
    func `other grant types are unsupported`(_ type: String) throws {
        #expect(
            error(try SandboxBench.exchange(bench.code()).setting("grant_type", type))
                == .unsupportedGrantType)
    }

    // MARK: Clients

    @Test(
        arguments: [
            ("client_id", nil), ("client_id", "another"), ("client_secret", nil), ("client_secret", "wrong"),
            ("client_secret", SandboxBench.secret + "\u{301}"),
        ] as [(String, String?)])
    func `a client that does not authenticate is refused, and burns no code`(_ name: String, _ value: String?)
        throws
    {
        let exchange = try SandboxBench.exchange(bench.code())
        #expect(error(exchange.setting(name, value)) == .invalidClient)
        #expect(throws: Never.self) { try bench.tokens(exchange) }
    }

    @Test(arguments: ["Basic ", "basic ", "BASIC  "])
    func `a client authenticates by Basic, form-encoded`(_ scheme: String) throws {
        let exchange = try SandboxBench.exchange(bench.code()).setting("client_secret", nil)
        let pair = Data("symbolon-development:s3cret%3A%25%2B%C3%BC".utf8).base64EncodedString()
        #expect(throws: Never.self) { try bench.tokens(exchange, authorization: scheme + pair) }
    }

    @Test(arguments: [
        "symbolon-development:wrong", "another:s3cret%3A%25%2B%C3%BC", "symbolon-development", "",
        "symbolon-development:s3cret:%+ü", "symbolon-development:s3cret%3A%25%2B%C3",
    ])
    func `Basic with anything else is refused`(_ pair: String) throws {
        let exchange = try SandboxBench.exchange(bench.code()).setting("client_secret", nil)
        #expect(error(exchange, authorization: basic(pair)) == .invalidClient)
    }

    @Test(arguments: ["Bearer abc", "Basic", "Basic !!!!", "Basic YQ", "Basic YR==", "Basic ===="])
    func `a header that is no Basic is refused`(_ header: String) throws {
        let exchange = try SandboxBench.exchange(bench.code()).setting("client_secret", nil)
        #expect(error(exchange, authorization: header) == .invalidClient)
    }

    @Test func `a client authenticates in one way only, as one client`() throws {
        let exchange = try SandboxBench.exchange(bench.code())
        let header = basic("symbolon-development:s3cret%3A%25%2B%C3%BC")
        #expect(isInvalidRequest(error(exchange, authorization: header)))
        let other = exchange.setting("client_secret", nil).setting("client_id", "another")
        #expect(isInvalidRequest(error(other, authorization: header)))
    }

    // MARK: Refresh

    @Test func `a refresh token gives new tokens, and the old access token lives on`() throws {
        let first = try bench.tokens()
        let second = try bench.tokens(SandboxBench.refresh(first.refreshToken))
        #expect(second.refreshToken != first.refreshToken)
        #expect(second.accessToken != first.accessToken)
        #expect(second.scopes == first.scopes)
        #expect(bench.provider.scopes(accessToken: first.accessToken) != nil)
    }

    @Test func `a refresh token that comes again ends the grant`() throws {
        let first = try bench.tokens()
        let second = try bench.tokens(SandboxBench.refresh(first.refreshToken))
        #expect(isInvalidGrant(error(SandboxBench.refresh(first.refreshToken))))
        #expect(isInvalidGrant(error(SandboxBench.refresh(second.refreshToken))))
        #expect(bench.provider.scopes(accessToken: second.accessToken) == nil)
    }

    @Test func `a refresh may ask for less, never for more`() throws {
        let tokens = try bench.tokens(SandboxBench.exchange(bench.code(scope: "profile")))
        let refresh = SandboxBench.refresh(tokens.refreshToken)
        #expect(error(refresh.setting("scope", "profile email")) == .invalidScope)
        #expect(error(refresh.setting("scope", "admin")) == .invalidScope)
        #expect(try bench.tokens(refresh.setting("scope", "profile")).scopes == [.profile])
    }

    @Test(arguments: ["unknown", ""])
    func `a text that is no refresh token is refused`(_ token: String) {
        #expect(throws: SandboxTokenError.self) { try bench.tokens(SandboxBench.refresh(token)) }
    }

    @Test func `a refresh token is not an access token, nor the other way round, nor a code either`() throws {
        let tokens = try bench.tokens()
        let code = try bench.code()
        #expect(bench.provider.scopes(accessToken: tokens.refreshToken) == nil)
        #expect(bench.provider.scopes(accessToken: code) == nil)
        #expect(isInvalidGrant(error(SandboxBench.refresh(tokens.accessToken))))
        #expect(isInvalidGrant(error(SandboxBench.exchange(tokens.refreshToken))))
    }

    @Test func `a refresh needs the client's secret`() throws {
        let refresh = SandboxBench.refresh(try bench.tokens().refreshToken)
        #expect(error(refresh.setting("client_secret", "wrong")) == .invalidClient)
        #expect(throws: Never.self) { try bench.tokens(refresh) }
    }

    // MARK: Ends

    @Test func `an access token lasts five minutes`() throws {
        let tokens = try bench.tokens()
        bench.pass(seconds: 299)
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) != nil)
        bench.pass(seconds: 1)
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) == nil)
        #expect(throws: Never.self) { try bench.tokens(SandboxBench.refresh(tokens.refreshToken)) }
    }

    private func revoke(_ fields: Fields) throws {
        let client: Fields = [("client_id", SandboxBench.clientID), ("client_secret", SandboxBench.secret)]
        try bench.provider.revoke((client + fields).parameters, authorization: nil)
    }

    @Test func `a revoked access token is no good, and its refresh token still is`() throws {
        let tokens = try bench.tokens()
        try revoke([("token", tokens.accessToken), ("token_type_hint", "refresh_token")])
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) == nil)
        #expect(throws: Never.self) { try bench.tokens(SandboxBench.refresh(tokens.refreshToken)) }
    }

    @Test func `a revoked refresh token takes its access tokens with it`() throws {
        let tokens = try bench.tokens()
        try revoke([("token", tokens.refreshToken)])
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) == nil)
        #expect(isInvalidGrant(error(SandboxBench.refresh(tokens.refreshToken))))
    }

    @Test func `a token that nobody knows is as good as revoked`() {
        #expect(throws: Never.self) { try revoke([("token", "unknown")]) }
    }

    @Test func `revoking takes a token and the client's secret`() throws {
        let tokens = try bench.tokens()
        #expect(throws: SandboxTokenError.invalidRequest("`token` is needed")) { try revoke([]) }
        #expect(throws: SandboxTokenError.invalidClient) {
            try bench.provider.revoke([("token", tokens.refreshToken)].parameters, authorization: nil)
        }
        #expect(throws: SandboxTokenError.self) {
            try revoke([("token", tokens.refreshToken), ("token", tokens.refreshToken)])
        }
        #expect(bench.provider.scopes(accessToken: tokens.accessToken) != nil)
    }

    @Test func `what is remembered is bounded, and the oldest goes first`() throws {
        let small = SandboxBench(capacity: 3)
        let all = try (0..<5).map { _ in try small.tokens() }
        #expect(
            all.map { small.provider.scopes(accessToken: $0.accessToken) != nil } == [
                false, false, true, true, true,
            ])
    }
}
