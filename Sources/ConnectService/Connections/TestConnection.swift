package import Connections
internal import Encodings
internal import Integrations
internal import Logging
internal import OAuth
internal import OAuthHTTP
package import StateTokens

/// The result of a connection test.
package struct ConnectionTest: Sendable, Equatable {
    /// Why a connection does not work.
    package enum Problem: String, Sendable, CaseIterable {
        case reconnectRequired = "reconnect_required"
        case integrationNotConfigured = "integration_not_configured"
        case providerError = "provider_error"
        case providerTimeout = "provider_timeout"
        /// The provider names another account than the connection's.
        case accountMismatch = "account_mismatch"
        /// The integration has no call to try, and there is nothing to refresh with.
        case notTestable = "not_testable"
    }

    /// `nil`: it works.
    package let problem: Problem?
    package let checkedAt: Timestamp
    /// A sentence for people.
    package let detail: String
}

/// Tries whether a connection still works: by the call that its integration's entry has for this, else by the one for
/// naming the account, else by a refresh.
///
/// The status stays as it is meanwhile. Writing `testing` and taking it back would be two changes of the row, which make
/// every other change's revision stale; and a replica that dies between them would leave a working connection behind that
/// says it is being tried.
package struct TestConnection<Store: ConnectionStore>: Sendable {
    private let timeout: Duration
    private let accessTokens: AccessTokens<Store>
    private let integrations: IntegrationRegistry
    private let provider: ProviderClient
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    package init(_ accessTokens: AccessTokens<Store>) {
        timeout = accessTokens.settings.providerTimeout
        self.accessTokens = accessTokens
        integrations = accessTokens.integrations
        provider = accessTokens.provider
        logger = accessTokens.logger
        now = accessTokens.now
    }

    /// - Throws: what keeps the test from being made; what it finds out is its result.
    package func test(
        _ id: ConnectionID, workspaceID: String, credentialID: String? = nil
    ) async throws(AccessTokenError) -> ConnectionTest {
        let found = try await accessTokens.read(id, workspaceID)
        guard case .configured(let integration) = integrations[of: found.connection],
            integration.isClient(of: found.connection)
        else {
            return result(
                .integrationNotConfigured,
                "The integration has no client, or another one than the grant was issued to.")
        }
        let canRefresh = accessTokens.tokenForRefresh(of: found) != nil
        do throws(TestEnd) {
            let rules = integration.integration
            guard rules.verification != nil || rules.account.lookup != nil else {
                guard canRefresh else {
                    return result(
                        .notTestable,
                        "The integration has no call to try, and the connection has no refresh token.")
                }
                _ = try await current(id, workspaceID, isForced: true, credentialID)
                return result(nil, "The provider refreshed the access token.")
            }
            let open = try await current(id, workspaceID, isForced: false, credentialID)
            let answer: JSONValue?
            do throws(LookupEnd) {
                answer = try await lookUp(open, integration)
            } catch .provider(let error) where error.isUnauthorized && canRefresh {
                // The token may have been ended before its time, and the grant not.
                let fresh = try await current(id, workspaceID, isForced: true, credentialID)
                answer = try await lookUp(again: fresh, integration)
            } catch .provider(.status(401)) {
                try await expire(open.connection, credentialID)
                throw TestEnd(.provider(.status(401)))
            } catch {
                throw TestEnd(error)
            }
            return judged(answer, open, integration)
        } catch {
            switch error {
            case .found(let problem, let detail): return result(problem, detail)
            case .thrown(let error): throw error
            }
        }
    }

    /// The token was ended before its time, and nothing brings another: the app is told, as when a refresh is rejected.
    private func expire(
        _ connection: Connection, _ credentialID: String?
    ) async throws(TestEnd) {
        do throws(AccessTokenError) {
            try await accessTokens.expire(
                connection,
                reason:
                    "The provider does not accept the access token (status 401), and there is no refresh token.",
                actor: credentialID)
        } catch {
            throw .thrown(error)
        }
    }

    private func result(_ problem: ConnectionTest.Problem?, _ detail: String) -> ConnectionTest {
        ConnectionTest(problem: problem, checkedAt: now(), detail: detail)
    }

    private func judged(
        _ answer: JSONValue?, _ open: OpenConnection, _ integration: ConfiguredIntegration
    ) -> ConnectionTest {
        guard let answer else { return result(nil, "The provider accepted the access token.") }
        let response: TokenResponse
        do throws(TokenError) {
            response = try self.response(open, integration)
        } catch {
            return result(nil, "The provider accepted the access token.")
        }
        let account = response.account(
            of: integration, callbackFields: open.connection.config, lookup: answer)
        guard let id = account.id else { return result(nil, "The provider accepted the access token.") }
        let named = ProviderAccount(id: id, label: account.label)
        if let known = open.connection.account, !named.isSame(as: known) {
            return result(.accountMismatch, "The provider names another account than the connection's.")
        }
        return result(nil, "The provider accepted the access token for \(named.label ?? named.id).")
    }

    // MARK: The provider

    private func current(
        _ id: ConnectionID, _ workspaceID: String, isForced: Bool, _ credentialID: String?
    ) async throws(TestEnd) -> OpenConnection {
        do throws(AccessTokenError) {
            return try await accessTokens.current(
                id, workspaceID: workspaceID, isForced: isForced, credentialID: credentialID)
        } catch {
            switch error {
            case .reconnectRequired:
                throw .found(.reconnectRequired, "The provider no longer honours this grant.")
            case .providerError:
                throw .found(.providerError, "The provider refused or failed to refresh the token.")
            case .tooEarly:
                throw .found(nil, "The provider knows the grant, and does not refresh its token yet.")
            case .providerTimeout:
                throw .found(.providerTimeout, "The provider did not respond in time.")
            case .notConfigured:
                throw .found(
                    .integrationNotConfigured,
                    "The integration has no client, or another one than the grant was issued to.")
            case .notFound, .grantNotFound, .inactive, .busy, .storeUnavailable, .unreadable, .sealed,
                .failed:
                throw .thrown(error)
            }
        }
    }

    private func response(
        _ open: OpenConnection, _ integration: ConfiguredIntegration
    ) throws(TokenError) -> TokenResponse {
        let held = open.credentials
        return try TokenResponse.held(
            HeldCredentials(
                accessToken: held.accessToken, refreshToken: held.refreshToken, tokenType: held.tokenType,
                expiresAt: held.expiresAt, scope: held.scope, idToken: held.idToken),
            of: integration, requestedScopes: open.connection.scopesGranted, at: now())
    }

    private func lookUp(
        again open: OpenConnection, _ integration: ConfiguredIntegration
    ) async throws(TestEnd) -> JSONValue? {
        do throws(LookupEnd) {
            return try await lookUp(open, integration)
        } catch {
            throw TestEnd(error)
        }
    }

    /// - Returns: what the provider says of the account; `nil` where only the token was tried.
    private func lookUp(
        _ open: OpenConnection, _ client: ConfiguredIntegration
    ) async throws(LookupEnd) -> JSONValue? {
        let integration: ConfiguredIntegration
        do throws(ConnectionDiscoveryError) {
            integration = try await integrations.discovered(client, for: open.connection)
        } catch {
            throw .undiscovered
        }
        let verification = integration.integration.verification
        let request: ProviderRequest?
        do {
            let make = verification == nil ? ProviderRequest.accountLookup : ProviderRequest.verification
            request = try make(
                integration, try integration.endpoints(of: open.connection), try response(open, integration),
                open.connection.config)
        } catch {
            logger.warning(
                "a connection's test call could not be made",
                metadata: ["connection_id": "\(open.connection.id)", "error": "\(error)"])
            throw .impossible
        }
        guard let request else { throw .impossible }
        let deadline = ContinuousClock.now + timeout
        do throws(AccountLookupError) {
            guard let verification else { return try await provider.account(request, deadline: deadline) }
            try await provider.verify(request, error: verification.error, deadline: deadline)
            return nil
        } catch {
            throw .provider(error)
        }
    }
}

/// How a test came to an end before its call succeeded.
private enum TestEnd: Error {
    case found(ConnectionTest.Problem?, String)
    case thrown(AccessTokenError)

    init(_ error: LookupEnd) {
        switch error {
        case .provider(.status(401)):
            self = .found(.reconnectRequired, "The provider does not accept the access token (status 401).")
        case .provider(.rejected(let code)):
            let word = code.map { " (\($0))" } ?? ""
            self = .found(.reconnectRequired, "The provider does not accept the access token\(word).")
        case .provider(.status(let status)):
            self = .found(.providerError, "The provider responded with status \(status).")
        case .provider(.request(.timedOut)):
            self = .found(.providerTimeout, "The provider did not respond in time.")
        case .provider, .undiscovered:
            self = .found(.providerError, "The provider's response could not be used.")
        case .impossible:
            self = .found(.notTestable, "The integration's call cannot be made with what the connection has.")
        }
    }
}

/// How the call ended.
private enum LookupEnd: Error {
    case provider(AccountLookupError)
    /// The endpoints are not known: the server's document could not be read.
    case undiscovered
    /// A value that the call needs is not there.
    case impossible
}

extension ConnectServices {
    package var imports: ImportConnection<Store> { ImportConnection(accessTokens) }

    package var tests: TestConnection<Store> { TestConnection(accessTokens) }
}
