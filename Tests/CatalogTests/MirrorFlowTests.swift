import Encodings
import Integrations
import Mirrors
import OAuth
import OAuthHTTP
import Testing

/// A whole flow of each integration against a provider that is made of the facts, over HTTP.
@Suite("A whole flow against a strict provider", .timeLimit(.minutes(5))) struct MirrorFlowTests {
    @Test(arguments: DocumentedIntegration.all)
    func `a user connects, the token is refreshed, and the grant is revoked`(
        _ documented: DocumentedIntegration
    ) async throws {
        let provider = StrictProvider(documented)
        let server = try await MirrorServer(provider)
        let http = ProviderHTTPClient(
            ProviderHTTPConfiguration(timeout: .seconds(20), allowsInsecureLoopback: true))
        let run = FlowRun(documented.facts, try documented.configured(), provider, server, http)
        do {
            try await run.connect()
        } catch {
            Issue.record("\(error); \(provider.reasons)")
        }
        await http.shutdown()
        try await server.close()
    }
}

/// One integration's flow, step by step.
private struct FlowRun {
    let facts: Provenance
    let integration: ConfiguredIntegration
    let provider: StrictProvider
    let server: MirrorServer
    let http: ProviderHTTPClient
    let client: ProviderClient

    init(
        _ facts: Provenance, _ integration: ConfiguredIntegration, _ provider: StrictProvider,
        _ server: MirrorServer, _ http: ProviderHTTPClient
    ) {
        self.facts = facts
        self.integration = integration
        self.provider = provider
        self.server = server
        self.http = http
        client = ProviderClient(http)
    }

    private func tokens(_ request: ProviderRequest) async throws(ProviderError) -> TokenResponse {
        try await client.tokens(
            server.redirected(request), for: integration, requestedScopes: DocumentedIntegration.appScopes)
    }

    func connect() async throws {
        let flow = ClientFlow(integration, facts)
        let query = try provider.authorize(
            flow.authorizationURL(), scopes: DocumentedIntegration.appScopes)
        let grant = try flow.grant(query)
        let first = try await tokens(flow.exchange(grant))
        checkTokens(first)
        let response = try await exchangeAfter(first, grant, flow)
        try await checkAccount(response, grant, flow)
        #expect(provider.reasons == [])
        // A code is good for one exchange (RFC 6749 §4.1.2).
        await checkRejected(try flow.exchange(grant))
        let last = try await refresh(response, grant, flow)
        try await revoke(last, response, grant, flow)
    }

    /// The token that the connection keeps.
    private func exchangeAfter(
        _ first: TokenResponse, _ grant: AuthorizationGrant, _ flow: ClientFlow
    ) async throws -> TokenResponse {
        let request = try ProviderRequest.secondExchange(
            integration, endpoints: flow.endpoints(grant), accessToken: first.accessToken)
        #expect((request != nil) == (facts.facts[.exchangeEndpoint] != nil))
        guard let request else { return first }
        let second = try await tokens(request)
        checkTokens(second)
        #expect(second.accessToken != first.accessToken)
        return first.replaced(by: second, of: integration)
    }

    private func checkTokens(_ response: TokenResponse) {
        let issued = provider.issued ?? .null
        // A few have names of their own, such as that of a session.
        let named = integration.integration.response.accessToken.compactMap { issued[$0]?.text }
        #expect((issued.accessTokens + named).contains(response.accessToken))
        if let token = response.refreshToken { #expect(issued.refreshTokens.contains(token)) }
        #expect(response.unreadableFields == [])
        guard case .object(let members) = issued else { return }
        if let seconds = members["expires_in"]?.text.flatMap(Int.init), seconds > 0,
            members["access_token"]?.text == response.accessToken
        {
            #expect(response.lifetime == .seconds(.seconds(seconds)))
        }
        if let scope = members["scope"]?.text, members["access_token"]?.text == response.accessToken {
            let granted = scope.split { " ,".contains($0) }.map(String.init)
            #expect(granted.isEmpty || response.scopes == granted)
        }
    }

    private func checkAccount(
        _ response: TokenResponse, _ grant: AuthorizationGrant, _ flow: ClientFlow
    ) async throws {
        let endpoints = try flow.endpoints(grant)
        let request = try ProviderRequest.accountLookup(
            integration, endpoints: endpoints, response: response, callbackFields: grant.fields)
        var lookup: JSONValue?
        if let request, facts.example.lookupResponse != nil {
            lookup = try await client.account(
                server.redirected(request), deadline: .now.advanced(by: .seconds(20)))
        }
        let account = response.account(of: integration, callbackFields: grant.fields, lookup: lookup)
        if let id = facts.example.accountID { #expect(account.id == id) }
        if let label = facts.example.accountLabel { #expect(account.label == label) }
    }

    private func checkRejected(_ request: ProviderRequest) async {
        do throws(ProviderError) {
            _ = try await tokens(request)
            Issue.record("a spent code or token was accepted")
        } catch {
            // Whose words for an error are not shown is not expected to be understood.
            let isRead = error.isInvalidGrant || facts.example.errorResponse == nil
            #expect(isRead, "\(error)")
        }
    }

    private func refresh(
        _ response: TokenResponse, _ grant: AuthorizationGrant, _ flow: ClientFlow
    ) async throws -> TokenResponse {
        let mode = integration.integration.refresh.mode
        if let documented = facts.text(.refresh) { #expect(mode.rawValue == documented) }
        let endpoints = try flow.endpoints(grant, after: response)
        let isAccessToken = integration.integration.refresh.token == .accessToken
        guard let token = isAccessToken ? response.accessToken : response.refreshToken,
            let request = try ProviderRequest.refresh(integration, endpoints: endpoints, refreshToken: token)
        else { return response }
        let next = try await tokens(request)
        checkTokens(next)
        guard facts.text(.refresh) == "rotates" else { return next }
        await checkRejected(request)
        if let token = next.refreshToken,
            let request = try ProviderRequest.refresh(integration, endpoints: endpoints, refreshToken: token)
        {
            return try await tokens(request)
        }
        return next
    }

    private func revoke(
        _ last: TokenResponse, _ first: TokenResponse, _ grant: AuthorizationGrant, _ flow: ClientFlow
    ) async throws {
        guard facts.facts[.revocationEndpoint] != nil else { return }
        // At a token endpoint a refresh token would be taken for a refresh.
        let refreshToken =
            integration.integration.revocation.token == .accessToken
            ? nil : last.refreshToken ?? first.refreshToken
        let request = try ProviderRequest.revocation(
            integration, endpoints: flow.endpoints(grant, after: first),
            token: refreshToken ?? last.accessToken,
            tokenTypeHint: refreshToken == nil ? "access_token" : "refresh_token")
        guard let request else {
            Issue.record("the provider can revoke, and the entry says nothing of it")
            return
        }
        #expect(
            try await http.send(server.redirected(request), as: .exchange).status == 200,
            "\(provider.reasons)")
    }
}
