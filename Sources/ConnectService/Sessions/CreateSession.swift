package import Access
internal import Connections
internal import Encodings
internal import Integrations
package import StateTokens

/// What an app asks a connect session to be, in a form that has been read.
package struct SessionCommand: Sendable {
    package var userID: String
    package var userLabel: String?
    /// None: all.
    package var integrationIDs: [String]
    /// None: no limit.
    package var scopes: [String]
    package var parameters: [String: String]
    package var redirectURI: String?
    package var tags: [String: String]
    package var label: String?
    package var connectionID: String?
    package var origins: [String]
    package var mayDisconnect: Bool
    /// `nil`: 30 minutes, or less where the keyring or the credential allows no more.
    package var lifetime: Duration?

    package init(
        userID: String, userLabel: String? = nil, integrationIDs: [String] = [], scopes: [String] = [],
        parameters: [String: String] = [:], redirectURI: String? = nil, tags: [String: String] = [:],
        label: String? = nil, connectionID: String? = nil, origins: [String] = [],
        mayDisconnect: Bool = false, lifetime: Duration? = nil
    ) {
        self.userID = userID
        self.userLabel = userLabel
        self.integrationIDs = integrationIDs
        self.scopes = scopes
        self.parameters = parameters
        self.redirectURI = redirectURI
        self.tags = tags
        self.label = label
        self.connectionID = connectionID
        self.origins = origins
        self.mayDisconnect = mayDisconnect
        self.lifetime = lifetime
    }
}

/// A connect session that was made. It is kept nowhere.
package struct CreatedSession: Sendable {
    package let token: String
    /// The page for the session's user. The token is in its fragment, which no browser sends anywhere.
    package let connectURL: String
    package let expiresAt: Timestamp
}

/// Why a connect session was not made.
package enum SessionCreationError: Error, Equatable {
    /// The credential names a workspace that this deployment does not have.
    case workspaceUnknown
    /// Flows of the workspace must be confirmed by the app's server, which a session leaves out.
    case bindingRequired
    /// The credential lacks what the session is to have.
    case permissionMissing(Permission)
    /// The credential is limited to others of these.
    case limited(AccessLimits.Limit)
    /// The credential is over before the session could be used.
    case credentialEnding
    /// Not 1 to 128 characters, or one of them is a control character.
    case invalidUserID
    /// The credential is one user's, and the session is for another.
    case otherUser
    /// Not 1 to 64 characters, or some of them hide or turn others.
    case invalidUserLabel
    case integrationNotFound(index: Int)
    /// Not a scope value (RFC 6749 §3.3).
    case invalidScope(index: Int)
    /// None of the session's integrations has such a parameter.
    case unknownParameter(name: String)
    case redirectURI(RedirectURIRejection)
    case invalidConnectionID
    /// A flow carries at most 512 octets of label and tags.
    case annotationsTooLong
    /// Not an origin that the workspace lists.
    case originNotListed(index: Int)
    case lifetimeTooLong(longest: Duration)
    /// The token would have more than 4096 characters.
    case tooLong
    /// No key of the state keyring is enabled.
    case noSealingKey
    /// libcrypto failed.
    case unavailable
}

/// Makes connect sessions. Synchronous; reads no store and writes nothing: all that a session is travels in its token.
package struct CreateSession: Sendable {
    /// The longest id of a user, in characters.
    private static let maximumUserIDLength = 128

    private let settings: ServiceSettings
    private let codec: SessionCodec
    private let integrations: IntegrationRegistry
    private let workspaces: WorkspaceDirectory
    private let now: @Sendable () -> Timestamp

    package init(
        settings: ServiceSettings, codec: SessionCodec, integrations: IntegrationRegistry,
        workspaces: WorkspaceDirectory, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.settings = settings
        self.codec = codec
        self.integrations = integrations
        self.workspaces = workspaces
        self.now = now
    }

    /// - Parameter principal: whose credential it is; the session is never more than it, and never outlives it.
    package func create(
        _ command: SessionCommand, workspaceID: String, for principal: Principal
    ) throws(SessionCreationError) -> CreatedSession {
        guard let workspace = workspaces[workspaceID] else { throw .workspaceUnknown }
        guard !settings.confirmation.isUniversal, workspace.confirmation != .required else {
            throw .bindingRequired
        }
        guard !command.mayDisconnect || principal.permissions.contains(.admin) else {
            throw .permissionMissing(.admin)
        }
        if let limits = principal.limits, let limit = limits.breach(by: command) { throw .limited(limit) }
        try checkUser(command, principal)
        try checkFlows(command, workspace)
        for (index, origin) in command.origins.enumerated() where !workspace.origins.allows(origin) {
            throw .originNotListed(index: index)
        }
        let now = now()
        let session = Session(
            issuedAt: now, lifetime: try lifetime(of: command, principal, at: now), maker: principal.maker,
            workspaceID: workspaceID, userID: command.userID, userLabel: command.userLabel,
            integrationIDs: command.integrationIDs, scopes: command.scopes, parameters: command.parameters,
            redirectURI: command.redirectURI, tags: command.tags, label: command.label,
            connectionID: command.connectionID, origins: command.origins,
            mayRead: principal.permissions.contains(.read), mayDisconnect: command.mayDisconnect)
        let token: String
        do throws(TokenEncodingError) {
            token = try codec.encode(session, at: now)
        } catch {
            throw SessionCreationError(error)
        }
        let page = "\(settings.publicURL)/connect/\(PercentEncoding.encode(workspaceID))"
        return CreatedSession(token: token, connectURL: "\(page)#\(token)", expiresAt: session.expiresAt)
    }

    private func checkUser(
        _ command: SessionCommand, _ principal: Principal
    ) throws(SessionCreationError) {
        let id = command.userID.unicodeScalars
        guard (1...Self.maximumUserIDLength).contains(id.count),
            !id.contains(where: { $0.properties.generalCategory == .control })
        else { throw .invalidUserID }
        // By octets: strings that Unicode calls equivalent name different users.
        guard principal.userID.map({ $0.utf8.elementsEqual(command.userID.utf8) }) ?? true else {
            throw .otherUser
        }
        if let label = command.userLabel, !DisplayName.isValid(label) { throw .invalidUserLabel }
    }

    /// What its flows would be rejected for is rejected here, where the app's server hears of it.
    private func checkFlows(
        _ command: SessionCommand, _ workspace: Workspace
    ) throws(SessionCreationError) {
        for (index, id) in command.integrationIDs.enumerated()
        where integrations.integration(id, in: workspace.id) == nil {
            throw .integrationNotFound(index: index)
        }
        for (index, scope) in command.scopes.enumerated() where !ScopeText.isValid(scope) {
            throw .invalidScope(index: index)
        }
        if !command.parameters.isEmpty {
            let chosen = command.integrationIDs.compactMap { integrations.integration($0) }
            let known = Set(
                (chosen.isEmpty ? integrations.listed.integrations : chosen).flatMap(\.callerParameters))
            if let name = command.parameters.keys.sorted().first(where: { !known.contains($0) }) {
                throw .unknownParameter(name: name)
            }
        }
        if let redirectURI = command.redirectURI {
            do throws(RedirectURIRejection) {
                try workspace.redirectURIs.check(redirectURI)
            } catch {
                throw .redirectURI(error)
            }
        }
        if let connectionID = command.connectionID, ConnectionID(connectionID) == nil {
            throw .invalidConnectionID
        }
        let annotations = InitiateFlow.annotationByteCount(label: command.label, tags: command.tags)
        guard annotations <= InitiateFlow.maximumAnnotationByteCount else { throw .annotationsTooLong }
    }

    /// Never longer than the credential lives.
    private func lifetime(
        of command: SessionCommand, _ principal: Principal, at now: Timestamp
    ) throws(SessionCreationError) -> Duration {
        let longest: Duration
        do throws(TokenEncodingError) {
            longest = try codec.longestLifetime()
        } catch {
            throw SessionCreationError(error)
        }
        let lifetime = command.lifetime ?? min(Session.defaultLifetime, longest)
        guard lifetime <= longest else { throw .lifetimeTooLong(longest: longest) }
        guard let end = principal.expiresAt else { return lifetime }
        let rest = Duration.seconds(end.seconds(since: now))
        guard rest >= .seconds(1) else { throw .credentialEnding }
        return min(lifetime, rest)
    }
}

extension Principal {
    fileprivate var maker: Session.Maker {
        switch kind {
        case .apiKey: .apiKey(id: credentialID)
        case .token: .token(id: credentialID)
        // No route makes a session for the holder of one.
        case .session(let session): session.maker
        }
    }
}

extension AccessLimits {
    /// What a session leaves open is limited when it is used, by what the credential is limited to then.
    fileprivate func breach(by command: SessionCommand) -> Limit? {
        if excludes(command.userID, by: .users) { return .users }
        if command.integrationIDs.contains(where: { excludes($0, by: .integrations) }) {
            return .integrations
        }
        if let id = command.connectionID, excludes(id, by: .connections) { return .connections }
        return command.scopes.contains { excludes($0, by: .scopes) } ? .scopes : nil
    }
}

extension Integration {
    /// The names of the parameters that callers give.
    var callerParameters: [String] { parameters.filter { $0.source == .caller }.map(\.name) }
}

extension SessionCreationError {
    fileprivate init(_ error: TokenEncodingError) {
        switch error {
        case .tooLong: self = .tooLong
        case .lifetimeTooLong(let longest): self = .lifetimeTooLong(longest: longest)
        case .noSealingKey: self = .noSealingKey
        // Every field was checked before.
        case .invalidField, .unavailable: self = .unavailable
        }
    }
}
