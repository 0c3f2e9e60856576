internal import Cryptography
internal import Encodings
package import Integrations
internal import OAuth
internal import OAuthHTTP

/// A whole flow of an integration against a mirror of its provider, over HTTP on loopback: authorization, callback, exchange,
/// second exchange, look-up, refresh, revocation.
package struct FlowTrial: Sendable {
    private static let codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let nonce = "nonce-1"
    private static let timeout = Duration.seconds(10)

    package let facts: Provenance
    private let client: TrialClient
    private let endpoints: Endpoints
    private let provider: StrictProvider
    private var integration: ConfiguredIntegration { client.integration }

    /// - Parameters:
    ///   - provenance: what public sources say; `nil`: the mirror is as strict as the entry.
    ///   - given: values for the entry's parameters, and for fields that the provider answers with.
    ///   - redirectURI: the callback's, for a context where there is one.
    package init(
        _ entry: Integration, provenance: Provenance?, given: [String: String],
        redirectURI: (_ context: String?) -> String
    ) throws(TrialError) {
        client = try TrialClient(entry, given: given, example: provenance?.example.parameters ?? [:])
        do throws(ParameterError) {
            endpoints = try client.integration.endpoints(parameters: client.parameters)
            let callback = provenance?.example.callback ?? [:]
            let own = try Provenance(
                entry: client.integration, parameters: client.parameters,
                values: callback.merging(given) { _, given in given })
            var facts = provenance?.completed(by: own) ?? own
            facts.example.parameters.merge(given) { _, given in given }
            self.facts = facts
        } catch {
            throw .parameter(error)
        }
        provider = StrictProvider(
            facts, clientID: TrialClient.id, clientSecret: client.secret,
            redirectURI: redirectURI(endpoints.context))
    }

    /// Runs the flow until something does not hold.
    package func run() async -> TrialReport {
        var report = TrialReport()
        do {
            let server = try await MirrorServer(provider)
            let http = ProviderHTTPClient(
                ProviderHTTPConfiguration(timeout: Self.timeout, allowsInsecureLoopback: true))
            report = await run(server, http)
            await http.shutdown()
            try await server.close()
        } catch {
            report.fail("the mirror could not be opened on loopback: \(error)")
        }
        return report
    }

    private func run(_ server: MirrorServer, _ http: ProviderHTTPClient) async -> TrialReport {
        var report = TrialReport()
        var flow = FlowUnderTrial(server: server, http: http)
        for step in TrialStep.allCases {
            let before = provider.exchanges.count
            let wrong = provider.reasons.count
            var record = TrialRecord(step: step)
            do {
                try await take(step, &flow, &record)
            } catch {
                let reasons = provider.reasons.dropFirst(wrong)
                record.failure = reasons.isEmpty ? "\(error)" : reasons.joined(separator: "; ")
            }
            record.exchanges = Array(provider.exchanges.dropFirst(before))
            report.records.append(record)
            if record.failure != nil { break }
        }
        return report
    }

    private func take(
        _ step: TrialStep, _ flow: inout FlowUnderTrial, _ record: inout TrialRecord
    ) async throws {
        switch step {
        case .authorization: try authorize(&flow, &record)
        case .callback: try callBack(&flow, &record)
        case .exchange: try await exchange(&flow)
        case .exchangeAfter: try await exchangeAfter(&flow, &record)
        case .account: try await nameAccount(flow, &record)
        case .refresh: try await refresh(&flow, &record)
        case .revocation: try await revoke(flow, &record)
        }
    }

    // MARK: Authorization

    private var state: String {
        String(repeating: "s", count: min(integration.integration.maxStateLength ?? 220, 220))
    }

    private func authorize(_ flow: inout FlowUnderTrial, _ record: inout TrialRecord) throws {
        let verifier = Array(Self.codeVerifier.utf8)
        let digest = SHA256.digest(verifier.span)
        let scopes = integration.scopes(requested: [], endpoints: endpoints)
        let url = try AuthorizationRequest(
            integration, endpoints: endpoints, redirectURI: provider.redirectURI, scopes: scopes,
            state: state, codeChallenge: Base64URL.encode(digest.span), nonce: Self.nonce
        ).url()
        record.lines.append("> GET \(url)")
        let second = integration.integration.scope.secondList?.prefix
        flow.query = try provider.authorize(
            url, scopes: scopes.filter { scope in second.map { !scope.hasPrefix($0) } ?? true })
    }

    private func callBack(_ flow: inout FlowUnderTrial, _ record: inout TrialRecord) throws {
        let query = flow.query + provider.signature(of: flow.query, integration)
        record.lines.append("> GET \(provider.redirectURI)?\(query)")
        let callback = try CallbackParameters.parse(Array(query.utf8))
        try IssuerCheck.verify(callback, for: integration, endpoints: endpoints)
        switch try callback.authorizationResponse(for: integration.integration) {
        case .code(let grant): flow.grant = grant
        case .error(let code, _): throw TrialFailure("the callback says \(code)")
        }
        flow.endpoints = try integration.endpoints(
            parameters: client.parameters, callbackFields: flow.grant.fields)
    }

    // MARK: Tokens

    private func tokens(
        _ request: ProviderRequest, _ flow: FlowUnderTrial, isRefresh: Bool = false
    ) async throws -> TokenResponse {
        let response = try await ProviderClient(flow.http).tokens(
            flow.server.redirected(request), for: integration,
            requestedScopes: integration.scopes(requested: [], endpoints: endpoints), isRefresh: isRefresh)
        if let excess = response.excess { throw TrialFailure(excess) }
        return response
    }

    private func exchange(_ flow: inout FlowUnderTrial) async throws {
        let request = try ProviderRequest.exchange(
            integration, endpoints: flow.endpoints ?? endpoints, code: flow.grant.code,
            redirectURI: provider.redirectURI, codeVerifier: Self.codeVerifier, state: state)
        let response = try await tokens(request, flow)
        try checkNonce(of: response)
        flow.response = response
        flow.endpoints = try integration.endpoints(
            parameters: client.parameters,
            callbackFields: flow.grant.fields.merging(response.fields.compactMapValues(\.text)) { first, _ in
                first
            })
    }

    /// An ID token is this flow's only with its nonce (OpenID Connect Core §3.1.3.7).
    private func checkNonce(of response: TokenResponse) throws {
        let scopes = integration.scopes(requested: [], endpoints: endpoints)
        guard integration.sendsNonce(scopes: scopes), let token = response.idToken else { return }
        let parts = token.split(separator: ".")
        // A source may show a token that is a made-up word.
        guard parts.count == 3, let octets = Base64URL.decode(String(parts[1])),
            case .object(let claims) = try JSONValue.parse(octets)
        else { return }
        let found = claims["nonce"]?.text
        if found != Self.nonce {
            throw TrialFailure("the ID token's nonce is \(found ?? "missing"), and must be the request's")
        }
    }

    private func exchangeAfter(_ flow: inout FlowUnderTrial, _ record: inout TrialRecord) async throws {
        guard let first = flow.response,
            let request = try ProviderRequest.secondExchange(
                integration, endpoints: flow.endpoints ?? endpoints, accessToken: first.accessToken)
        else { return record.leaveOut("the entry has none") }
        let second = try await tokens(request, flow)
        if second.accessToken == first.accessToken {
            throw TrialFailure("the second exchange gave the same token")
        }
        flow.response = first.replaced(by: second, of: integration)
    }

    private func nameAccount(_ flow: FlowUnderTrial, _ record: inout TrialRecord) async throws {
        let rules = integration.integration.account
        guard let response = flow.response, !rules.id.isEmpty else {
            return record.leaveOut("the entry names no account")
        }
        let fields = flow.grant.fields
        var lookup: JSONValue?
        let request: ProviderRequest?
        do throws(AccountLookupURLError) {
            request = try ProviderRequest.accountLookup(
                integration, endpoints: flow.endpoints ?? endpoints, response: response,
                callbackFields: fields)
        } catch {
            throw TrialFailure("\(error): give it with --param NAME=VALUE")
        }
        if let request {
            lookup = try await ProviderClient(flow.http).account(
                flow.server.redirected(request), deadline: .now.advanced(by: Self.timeout))
        }
        let account = response.account(of: integration, callbackFields: fields, lookup: lookup)
        guard let id = account.id else { throw TrialFailure("no response names the account") }
        if let expected = facts.example.accountID, expected != id {
            throw TrialFailure("the account is \(id), and must be \(expected)")
        }
        record.lines.append("the account is \(id)\(account.label.map { " (\($0))" } ?? "")")
    }

    private func refresh(_ flow: inout FlowUnderTrial, _ record: inout TrialRecord) async throws {
        guard let response = flow.response else { return }
        let isAccessToken = integration.integration.refresh.token == .accessToken
        guard let token = isAccessToken ? response.accessToken : response.refreshToken else {
            return record.leaveOut("the provider gave no refresh token")
        }
        let request = try ProviderRequest.refresh(
            integration, endpoints: flow.endpoints ?? endpoints, refreshToken: token,
            redirectURI: provider.redirectURI)
        guard let request else { return record.leaveOut("the entry has none") }
        let next = try await tokens(request, flow, isRefresh: true)
        flow.refreshed = next
        guard integration.integration.secondExchange?.followsRefreshes == true,
            let again = try ProviderRequest.secondExchange(
                integration, endpoints: flow.endpoints ?? endpoints, accessToken: next.accessToken)
        else { return }
        flow.refreshed = next.replaced(by: try await tokens(again, flow), of: integration)
    }

    private func revoke(_ flow: FlowUnderTrial, _ record: inout TrialRecord) async throws {
        guard let last = flow.refreshed ?? flow.response else { return }
        let rules = integration.integration.revocation
        let refreshToken = last.refreshToken ?? flow.response?.refreshToken
        let isRefreshToken = refreshToken != nil && rules.token != .accessToken
        let request = try ProviderRequest.revocation(
            integration, endpoints: flow.endpoints ?? endpoints,
            token: isRefreshToken ? refreshToken ?? "" : last.accessToken,
            tokenTypeHint: isRefreshToken ? "refresh_token" : "access_token")
        guard let request else { return record.leaveOut("the entry has none") }
        let status = try await flow.http.send(flow.server.redirected(request), as: .revocation).status
        guard (200..<300).contains(status) else { throw TrialFailure("the status is \(status)") }
    }
}

/// Where a flow is.
private struct FlowUnderTrial {
    let server: MirrorServer
    let http: ProviderHTTPClient
    var query = ""
    var grant = AuthorizationGrant(code: "")
    /// With what came to the callback.
    var endpoints: Endpoints?
    var response: TokenResponse?
    var refreshed: TokenResponse?
}

private struct TrialFailure: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = reason }
}

extension StrictProvider {
    /// The signature of a callback, for an integration whose provider signs.
    fileprivate func signature(of query: String, _ integration: ConfiguredIntegration) -> String {
        guard let rules = integration.integration.callback.signature else { return "" }
        let message = Array(query.split(separator: "&").sorted().joined(separator: "&").utf8)
        do throws(CryptographyError) {
            let tag = try HashFunction.sha256.hmac(of: message.span, key: clientSecret.utf8.span)
            return "&\(rules.parameter)=\(Hexadecimal.encode(tag.span))"
        } catch {
            // The flow rejects the callback then.
            return ""
        }
    }
}
