package import Connections
internal import Cryptography
internal import Encodings
package import Integrations
internal import Logging
package import OAuth
package import StateTokens

/// A grant that another service made and that is to live on here.
package struct ImportCommand: Sendable, Hashable {
    package var integrationID: String
    package var authMethodID: String
    package var credentials: HeldCredentials
    /// `nil` or empty: as the integration is called.
    package var label: String?
    /// The template parameters, and what else is to be kept with the connection.
    package var config: [String: String]
    package var tags: [String: String]
    package var userID: String?

    package init(
        integrationID: String, authMethodID: String = "oauth2", credentials: HeldCredentials,
        label: String? = nil, config: [String: String] = [:], tags: [String: String] = [:],
        userID: String? = nil
    ) {
        self.integrationID = integrationID
        self.authMethodID = authMethodID
        self.credentials = credentials
        self.label = label
        self.config = config
        self.tags = tags
        self.userID = userID
    }
}

/// An import of a file, whose rows have names.
package struct NamedImport: Sendable, Hashable {
    package let command: ImportCommand
    package let workspaceID: String
    /// As in ``ImportConnection/add(_:workspaceID:idempotencyKey:verifies:credentialID:)``.
    package let idempotencyKey: String

    package init(_ command: ImportCommand, workspaceID: String, idempotencyKey: String) {
        self.command = command
        self.workspaceID = workspaceID
        self.idempotencyKey = idempotencyKey
    }
}

/// Why a grant was not imported. No connection was left behind, unless the outcome of its refresh is not known.
package enum ImportConnectionError: Error, Equatable {
    case integrationNotFound(String)
    /// Settings of the integration are missing or wrong.
    case integrationNotConfigured(String, settings: SettingsError)
    /// The issuer's discovery document has not been read yet; `problem` is why, if it was tried.
    case discoveryPending(String, problem: String?)
    case authMethodNotFound(String, known: [String])
    /// A template parameter that is missing or ill-formed.
    case invalidParameter(name: String, reason: String)
    /// Credentials that no token response may bring.
    case invalidCredentials(reason: String)
    /// It was to be verified, and there is nothing to refresh with.
    case nothingToVerify
    /// The refresh that was to verify it failed.
    case notVerified(AccessTokenError)
    /// The Idempotency-Key has come before, with another import.
    case keyReused
    case store(StoreError)
    /// No key seals, or libcrypto failed.
    case unavailable
}

/// Makes connections of grants that exist already. Whoever has the client's id and secret can refresh them (RFC 6749 §6).
package struct ImportConnection<Store: ConnectionStore>: Sendable {
    private static var attemptLimit: Int { 8 }

    private let sealer: CredentialSealer
    private let store: Store
    private let integrations: IntegrationRegistry
    private let accessTokens: AccessTokens<Store>
    private let audit: AuditLog
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    /// - Parameter accessTokens: an import works on the same store and integrations, with the same keys.
    package init(_ accessTokens: AccessTokens<Store>) {
        sealer = accessTokens.sealer
        store = accessTokens.store
        integrations = accessTokens.integrations
        self.accessTokens = accessTokens
        audit = accessTokens.audit
        logger = accessTokens.logger
        now = accessTokens.now
    }

    /// Checks everything that can be checked without the provider and the store.
    package func check(
        _ command: ImportCommand, workspaceID: String
    ) throws(ImportConnectionError) {
        _ = try grant(of: command, workspaceID)
    }

    /// Makes the connection.
    ///
    /// A connection that is to be verified is there from before its refresh, with the status `testing`: a provider may
    /// rotate the refresh token, and the new one must find its row. It is deleted again if the refresh fails; if its outcome
    /// is not known it stays `testing`, and the same import goes on with it.
    /// - Parameters:
    ///   - idempotencyKey: the same key with the same command gives the connection that the first request made.
    ///   - verifies: whether to refresh it once.
    ///   - credentialID: whose credential asks for it.
    package func add(
        _ command: ImportCommand, workspaceID: String, idempotencyKey: String? = nil, verifies: Bool = false,
        credentialID: String? = nil
    ) async throws(ImportConnectionError) -> Connection {
        do throws(ImportConnectionError) {
            let connection = try await added(
                command, workspaceID, idempotencyKey, verifies: verifies, credentialID)
            var event = AuditEvent(.imported, of: connection, .success)
            event.credentialID = credentialID
            audit.record(event)
            return connection
        } catch {
            recordFailure(error, workspaceID, credentialID)
            throw error
        }
    }

    /// Makes connections in one transaction, without verifying them.
    ///
    /// - Returns: for each import the stored connection; `nil` if an import with the same key made one before; or why it was
    ///   rejected.
    /// - Throws: `.store`. Nothing is inserted then, unless the response to the commit was lost; to repeat it is safe, since
    ///   the keys are the same.
    package func add(
        _ imports: [NamedImport]
    ) async throws(ImportConnectionError) -> [Result<Connection?, ImportConnectionError>] {
        var checked: [Result<SealedNewConnection, ImportConnectionError>] = []
        for named in imports {
            do throws(ImportConnectionError) {
                let grant = try grant(of: named.command, named.workspaceID)
                checked.append(
                    .success(
                        try sealed(
                            grant, of: named.command, named.workspaceID,
                            idempotencyKey: named.idempotencyKey, verifies: false)))
            } catch {
                checked.append(.failure(error))
            }
        }
        var inserted: [Connection?]
        do throws(StoreError) {
            let new = checked.compactMap { try? $0.get() }
            inserted = new.isEmpty ? [] : try await store.insert(new)
        } catch {
            // It may have been committed all the same, and then the audit log has to say so.
            if case .unavailable = error {
                for (named, new) in zip(imports, checked) {
                    if case .success = new { recordFailure(.store(error), named.workspaceID, nil) }
                }
            }
            throw .store(error)
        }
        inserted.reverse()
        return zip(imports, checked).map { named, new in
            switch new {
            case .success:
                let connection = inserted.popLast() ?? nil
                if let connection { audit.record(AuditEvent(.imported, of: connection, .success)) }
                return .success(connection)
            case .failure(let error):
                recordFailure(error, named.workspaceID, nil)
                return .failure(error)
            }
        }
    }

    private func recordFailure(
        _ error: ImportConnectionError, _ workspaceID: String, _ credentialID: String?
    ) {
        var event = AuditEvent(.imported, error.isOurs ? .failed : .refused, reason: error.auditReason)
        event.workspaceID = workspaceID
        event.credentialID = credentialID
        audit.record(event)
    }

    private func added(
        _ command: ImportCommand, _ workspaceID: String, _ idempotencyKey: String?, verifies: Bool,
        _ credentialID: String?
    ) async throws(ImportConnectionError) -> Connection {
        let grant = try grant(of: command, workspaceID)
        if verifies, grant.credentials.refreshToken == nil, !grant.isRefreshedByAccessToken {
            throw .nothingToVerify
        }
        let new = try sealed(
            grant, of: command, workspaceID, idempotencyKey: idempotencyKey, verifies: verifies)
        let id = new.connection.id
        do throws(StoreError) {
            try await store.insert(new.connection, new.credentials)
        } catch .alreadyExists {
            let found = try await stored(id, workspaceID)
            guard found.flowID == grant.terms.flowID else { throw .keyReused }
            // Of one that was never verified, the verification goes on.
            guard verifies, found.status == .testing else { return found }
        } catch {
            throw .store(error)
        }
        guard verifies else { return try await stored(id, workspaceID) }
        return try await verified(id, workspaceID, credentialID)
    }

    private func sealed(
        _ grant: CheckedGrant, of command: ImportCommand, _ workspaceID: String, idempotencyKey: String?,
        verifies: Bool
    ) throws(ImportConnectionError) -> SealedNewConnection {
        let id: ConnectionID
        let sealed: SealedCredentials
        do {
            id =
                try idempotencyKey.map { ConnectionID(idempotencyKey: $0, workspaceID: workspaceID) }
                ?? ConnectionID.random()
            sealed = try sealer.seal(
                grant.credentials, at: CredentialLocation(workspaceID: workspaceID, connectionID: id),
                now: now())
        } catch {
            logger.error("credentials could not be sealed", metadata: ["error": "\(error)"])
            throw .unavailable
        }
        let connection = NewConnection(
            id: id, workspaceID: workspaceID, userID: command.userID, integrationID: command.integrationID,
            label: command.label.flatMap { $0.isEmpty ? nil : $0 } ?? grant.label, tags: command.tags,
            status: verifies ? .testing : .active,
            statusReason: verifies ? "Its credentials are being verified." : nil, terms: grant.terms,
            movesEnd: grant.movesEnd)
        return SealedNewConnection(connection: connection, credentials: sealed)
    }

    private func verified(
        _ id: ConnectionID, _ workspaceID: String, _ credentialID: String?
    ) async throws(ImportConnectionError) -> Connection {
        do throws(AccessTokenError) {
            _ = try await accessTokens.current(
                id, workspaceID: workspaceID, isForced: true, credentialID: credentialID)
        } catch .tooEarly {
            // The provider knows the refresh token, and its access token is still good.
        } catch {
            // The refresh token may be spent, and the row may hold the new one already, or get it now.
            if error.leavesOutcomeOpen { throw .notVerified(error) }
            do throws(StoreError) {
                _ = try await store.delete(id, workspaceID: workspaceID, reach: nil, takesLease: true)
            } catch let problem {
                // It stays `testing`, where a person sees it.
                logger.error(
                    "a connection that was not verified could not be deleted",
                    metadata: ["connection_id": "\(id)", "error": "\(problem)"])
            }
            throw .notVerified(error)
        }
        for _ in 0..<Self.attemptLimit {
            let found = try await stored(id, workspaceID)
            guard found.status == .testing else { return found }
            do throws(StoreError) {
                return try await store.update(
                    id, workspaceID: workspaceID, ifRevision: found.revision,
                    ConnectionChanges(status: .init(.active)))
            } catch .revisionConflict {
                continue
            } catch {
                throw .store(error)
            }
        }
        throw .store(.revisionConflict)
    }

    private func stored(
        _ id: ConnectionID, _ workspaceID: String
    ) async throws(ImportConnectionError) -> Connection {
        do throws(StoreError) {
            return try await store.existing(id, workspaceID: workspaceID)
        } catch {
            throw .store(error)
        }
    }
}

/// What a command says, checked.
private struct CheckedGrant {
    let credentials: Credentials
    let terms: GrantTerms
    /// Whether the next refresh moves the grant's end.
    let movesEnd: Bool
    /// What the connection is called unless the command says it.
    let label: String
    /// The provider takes the access token itself for a new one.
    let isRefreshedByAccessToken: Bool
}

extension ImportConnection {
    private func grant(
        of command: ImportCommand, _ workspaceID: String
    ) throws(ImportConnectionError) -> CheckedGrant {
        let integration = try configured(command.integrationID, workspaceID)
        guard integration.integration.authMethods.contains(command.authMethodID) else {
            throw .authMethodNotFound(command.authMethodID, known: integration.integration.authMethods)
        }
        try checkEndpoints(of: integration, config: command.config)
        let received = now()
        let response: TokenResponse
        do throws(TokenError) {
            response = try TokenResponse.held(command.credentials, of: integration, at: received)
        } catch {
            throw .invalidCredentials(reason: error.importReason)
        }
        // An end that is past is no mistake here: the token is not a new one.
        let expiresAt =
            command.credentials.expiresAt ?? TokenClaims.expiry(of: command.credentials.accessToken)
        var credentials = Credentials(response, keeping: nil, receivedAt: received).expiring(at: expiresAt)
        let end = command.credentials.second?.expiresAt
        credentials.second = credentials.second.map {
            $0.expiring(at: end ?? TokenClaims.expiry(of: $0.accessToken), isStated: end != nil)
        }
        let account = response.account(of: integration, callbackFields: command.config)
        let rules = integration.integration.refresh
        // How long a token lasts when it is new is not known: this one is not.
        let facts = GrantFacts(response, credentials, of: integration, receivedAt: received)
            .withoutTokenLifetime
        let terms = GrantTerms(
            authMethodID: command.authMethodID, scopesRequested: response.scopes,
            scopesGranted: response.scopes, config: command.config,
            account: account.id.map { ProviderAccount(id: $0, label: account.label) }, binding: .imported,
            flowID: command.digest, expiresAt: expiresAt, facts: facts)
        return CheckedGrant(
            credentials: credentials, terms: terms,
            movesEnd: response.movesEnd(facts.reauthorizeBy, by: rules, at: received) ?? false,
            label: account.label ?? integration.integration.label,
            isRefreshedByAccessToken: rules.token == .accessToken && rules.mode != .none)
    }

    private func configured(
        _ id: String, _ workspaceID: String
    ) throws(ImportConnectionError) -> ConfiguredIntegration {
        switch integrations[id, in: workspaceID] {
        case .configured(let integration): return integration
        case .unconfigured(_, let error): throw .integrationNotConfigured(id, settings: error)
        case nil: throw .integrationNotFound(id)
        }
    }

    /// A refresh is sent where the configuration leads: every value is checked as in a flow.
    private func checkEndpoints(
        of integration: ConfiguredIntegration, config: [String: String]
    ) throws(ImportConnectionError) {
        do throws(ParameterError) {
            try integration.check(configuration: config)
        } catch {
            switch error {
            case .unknown(let name), .missing(let name, _), .invalid(let name, _):
                throw .invalidParameter(name: name, reason: error.description)
            case .discoveryPending:
                throw .discoveryPending(
                    integration.id, problem: integrations.discoveryProblem(of: integration.id))
            }
        }
    }
}

extension ImportCommand {
    /// What stands in the place of a flow's id: the first 16 octets of SHA-256 over all that the import says, so that a
    /// key which comes again is told from another import.
    package var digest: FlowID {
        var text: [UInt8] = []
        func append(_ part: String?) {
            // Lengths keep fields apart.
            text.append(contentsOf: "\(part.map { $0.utf8.count } ?? -1):".utf8)
            text.append(contentsOf: (part ?? "").utf8)
        }
        append("symbolon/import/1")
        append(integrationID)
        append(authMethodID)
        append(userID)
        append(label)
        for members in [config, tags] {
            append(String(members.count))
            for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                append(name)
                append(value)
            }
        }
        append(credentials.accessToken)
        append(credentials.refreshToken)
        append(credentials.tokenType)
        append(credentials.expiresAt?.rfc3339)
        append(credentials.scope)
        append(credentials.idToken)
        // Without one the digest is what it always was.
        if let second = credentials.second {
            append(second.accessToken)
            append(second.refreshToken)
            append(second.tokenType)
            append(second.expiresAt?.rfc3339)
            append(second.scope)
        }
        guard let digest = FlowID(octets: Array(SHA256.digest(text.span).prefix(FlowID.byteCount))) else {
            preconditionFailure("SHA-256 has more octets than a flow id")
        }
        return digest
    }
}

extension AccessTokenError {
    /// Whether the provider may have refreshed the tokens all the same.
    fileprivate var leavesOutcomeOpen: Bool {
        switch self {
        case .storeUnavailable, .providerTimeout, .busy: true
        case .notFound, .grantNotFound, .reconnectRequired, .inactive, .notConfigured, .providerError,
            .tooEarly, .unreadable, .sealed, .failed:
            false
        }
    }
}

extension TokenError {
    /// Which credential is wrong, and why; no value of theirs.
    fileprivate var importReason: String {
        switch self {
        case .unusable(let reason): reason.replacing("the response", with: "the credentials")
        case .rejected, .tooEarly, .serverError: "the credentials cannot be read"
        }
    }
}

extension ImportConnectionError {
    /// Neither the caller's nor the provider's fault.
    fileprivate var isOurs: Bool {
        switch self {
        case .store(.notFound), .store(.alreadyExists): false
        case .store, .unavailable: true
        case .notVerified(let error): error != .reconnectRequired
        case .integrationNotFound, .integrationNotConfigured, .discoveryPending, .authMethodNotFound,
            .invalidParameter, .invalidCredentials, .nothingToVerify, .keyReused:
            false
        }
    }

    /// The name for the audit log and metrics.
    package var auditReason: String {
        switch self {
        case .integrationNotFound: "integration_not_found"
        case .integrationNotConfigured, .discoveryPending: "integration_not_configured"
        case .authMethodNotFound: "auth_method_not_found"
        case .invalidParameter: "invalid_params"
        case .invalidCredentials, .nothingToVerify: "invalid_credentials"
        case .notVerified(let error): error.auditReason
        case .keyReused: "idempotency_key_reused"
        case .store: "store_unavailable"
        case .unavailable: "internal_error"
        }
    }
}
