internal import Connections
internal import Integrations
internal import OAuth
package import StateTokens

/// What an app asks for, in a form that has been read.
package struct InitiateCommand: Sendable {
    package var integrationID: String
    package var authMethodID: String
    /// None: the integration's defaults.
    package var scopes: [String]
    package var redirectURI: String?
    package var parameters: [String: String]
    package var binding: String?
    package var connectionID: String?
    /// Makes a connection of its own, even where the same user has one of the same account.
    package var newConnection = false
    package var appState: String?
    /// For this authorization request alone: sent, and never carried in the state.
    package var authorizationParameters: [String: String]
    /// What the connection is to be called; empty or `nil`: as the provider calls the account.
    package var label: String?
    package var tags: [String: String]
    /// The flow is to be confirmed on our page, whatever the configuration asks for.
    package var screen = false
    /// The app's name for its user, for that page to show.
    package var userLabel: String?
    /// The trace that the flow is to belong to; left out of a state that would be too long with it.
    package var traceID: TraceID?

    package init(
        integrationID: String, authMethodID: String = "oauth2", scopes: [String] = [],
        redirectURI: String? = nil,
        parameters: [String: String] = [:], binding: String? = nil, connectionID: String? = nil,
        appState: String? = nil, authorizationParameters: [String: String] = [:], label: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.integrationID = integrationID
        self.authMethodID = authMethodID
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.parameters = parameters
        self.binding = binding
        self.connectionID = connectionID
        self.appState = appState
        self.authorizationParameters = authorizationParameters
        self.label = label
        self.tags = tags
    }
}

/// A flow that has begun: where to send the user, and how it will come back.
package struct InitiatedFlow: Sendable {
    package let authorizationURL: String
    package let state: String
    package let integrationID: String
    package let flowID: FlowID
    /// Whether the state carries the trace, so that the callback continues it.
    package let isTraced: Bool
}

/// Begins flows. Synchronous; reads no store and writes nothing: all that a flow needs travels in its state.
package struct InitiateFlow: Sendable {
    /// The longest text that an app may have handed back, in characters.
    package static let maximumAppStateLength = 128
    /// The longest name that an app may have for its user, in octets of UTF-8.
    package static let maximumUserLabelByteCount = FlowState.maximumUserLabelByteCount
    /// The longest value of a parameter of the authorization request, in characters.
    package static let maximumAuthorizationParameterLength = 512
    /// The most octets of label and tags together, in UTF-8.
    package static let maximumAnnotationByteCount = 512
    /// Longer URLs are cut or rejected somewhere on the way to the provider.
    package static let maximumURLByteCount = 2_000

    private let settings: ServiceSettings
    private let codec: StateTokenCodec
    let integrations: IntegrationRegistry
    package let workspaces: WorkspaceDirectory
    private let now: @Sendable () -> Timestamp

    package init(
        settings: ServiceSettings, codec: StateTokenCodec, integrations: IntegrationRegistry,
        workspaces: WorkspaceDirectory, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.settings = settings
        self.codec = codec
        self.integrations = integrations
        self.workspaces = workspaces
        self.now = now
    }

    package func begin(
        _ command: InitiateCommand, workspaceID: String, userID: String?
    ) throws(InitiateError) -> InitiatedFlow {
        let client = try configured(command.integrationID, in: workspaceID)
        guard client.integration.authMethods.contains(command.authMethodID) else {
            throw .authMethodNotFound(
                command.authMethodID, known: client.integration.authMethods)
        }
        guard let workspace = workspaces[workspaceID] else { throw .workspaceUnknown }
        try check(command, in: workspace)
        if !command.authorizationParameters.isEmpty {
            try check(command.authorizationParameters, of: client)
        }
        let (binding, screen) = try confirmation(of: command, in: workspace)
        let integration: ConfiguredIntegration
        let endpoints: Endpoints
        do throws(ParameterError) {
            integration = try client.discovered(parameters: command.parameters)
            endpoints = try integration.endpoints(parameters: command.parameters)
        } catch {
            if error == .discoveryPending, let need = need(of: client, command, workspaceID) {
                throw .undiscovered(need)
            }
            throw InitiateError(
                error, integrationID: client.id,
                discoveryProblem: integrations.discoveryProblem(of: client.id))
        }
        let scopes = integration.scopes(requested: command.scopes, endpoints: endpoints)
        let verifier = try verifier(for: integration)
        var state = FlowState(
            issuedAt: now(), lifetime: settings.stateLifetime, integrationID: integration.id,
            fingerprint: endpoints.fingerprint, authMethodID: command.authMethodID,
            workspaceID: workspaceID, userID: userID, scopes: scopes,
            redirectURI: command.redirectURI,
            codeVerifier: verifier, parameters: command.parameters,
            binding: binding, traceID: command.traceID, connectionID: command.connectionID,
            appState: command.appState.flatMap { $0.isEmpty ? nil : $0 },
            label: command.label.flatMap { $0.isEmpty ? nil : $0 }, tags: command.tags,
            screen: screen,
            userLabel: screen ? command.userLabel.flatMap { $0.isEmpty ? nil : $0 } : nil)
        state.newConnection = command.newConnection
        do throws(InitiateError) {
            return try flow(state, integration, endpoints, command.authorizationParameters)
        } catch {
            // A trace is worth no flow: where a limit is passed, the state goes without.
            guard command.traceID != nil, error.isOfLength else { throw error }
            var untraced = state
            untraced.traceID = nil
            return try flow(untraced, integration, endpoints, command.authorizationParameters)
        }
    }

    /// The document that has to be read first.
    private func need(
        of client: ConfiguredIntegration, _ command: InitiateCommand, _ workspaceID: String
    ) -> DiscoveryNeed? {
        do throws(ParameterError) {
            return try client.discoveryTarget(parameters: command.parameters).map {
                DiscoveryNeed(integrationID: client.id, workspaceID: workspaceID, target: $0)
            }
        } catch {
            return nil
        }
    }

    /// Reads the document that a flow needs before it can begin: off the path of the flows that need none.
    package func discover(_ need: DiscoveryNeed) async throws(InitiateError) {
        do throws(ConnectionDiscoveryError) {
            try await integrations.discover(need)
        } catch {
            throw .discoveryFailed(error)
        }
    }

    /// Seals the state, and makes the authorization URL.
    private func flow(
        _ state: FlowState, _ integration: ConfiguredIntegration, _ endpoints: Endpoints,
        _ authorizationParameters: [String: String]
    ) throws(InitiateError) -> InitiatedFlow {
        let token: StateToken
        do throws(StateEncodingError) {
            token = try codec.encode(state, at: now())
        } catch {
            throw InitiateError(error)
        }
        let url: String
        do throws(AuthorizationRequestError) {
            url = try AuthorizationRequest(
                integration, endpoints: endpoints,
                redirectURI: settings.callbackURL(
                    integrationID: integration.id, context: endpoints.context), scopes: state.scopes,
                state: token.text, codeChallenge: state.codeVerifier?.codeChallenge,
                nonce: token.flowID.nonce, extra: Self.pairs(authorizationParameters)
            ).url()
        } catch {
            throw InitiateError(error)
        }
        guard url.utf8.count <= Self.maximumURLByteCount else {
            throw .urlTooLong(characterCount: url.utf8.count, limit: Self.maximumURLByteCount)
        }
        return InitiatedFlow(
            authorizationURL: url, state: token.text, integrationID: integration.id, flowID: token.flowID,
            isTraced: state.traceID != nil)
    }

    func configured(
        _ id: String, in workspaceID: String
    ) throws(InitiateError) -> ConfiguredIntegration {
        switch integrations[id, in: workspaceID] {
        case .configured(let integration): return integration
        case .unconfigured(_, let error): throw .integrationNotConfigured(id, settings: error)
        case nil: throw .integrationNotFound(id)
        }
    }

    private func check(_ command: InitiateCommand, in workspace: Workspace) throws(InitiateError) {
        if let redirectURI = command.redirectURI {
            do throws(RedirectURIRejection) {
                try workspace.redirectURIs.check(redirectURI)
            } catch {
                throw .redirectURI(error)
            }
        }
        for (index, scope) in command.scopes.enumerated() where !ScopeText.isValid(scope) {
            throw .invalidScope(index: index)
        }
        if let connectionID = command.connectionID, ConnectionID(connectionID) == nil {
            throw .invalidConnectionID
        }
        guard !command.newConnection || command.connectionID == nil else { throw .newWithConnectionID }
        if let appState = command.appState, appState.unicodeScalars.count > Self.maximumAppStateLength {
            throw .appStateTooLong
        }
        if let label = command.userLabel, !label.isEmpty {
            guard label.utf8.count <= Self.maximumUserLabelByteCount else { throw .userLabelTooLong }
            guard DisplayName.isShownAsWritten(label) else { throw .invalidUserLabel }
        }
        if command.label != nil || !command.tags.isEmpty { try checkAnnotations(of: command) }
    }

    /// What label and tags take together, in octets of UTF-8.
    static func annotationByteCount(label: String?, tags: [String: String]) -> Int {
        tags.reduce(label?.utf8.count ?? 0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }

    /// The limit keeps states short: a label and tags may each be longer than what providers take.
    private func checkAnnotations(of command: InitiateCommand) throws(InitiateError) {
        let label = command.label?.utf8.count ?? 0
        let count = Self.annotationByteCount(label: command.label, tags: command.tags)
        let limit = Self.maximumAnnotationByteCount
        guard count <= limit else {
            throw .annotationsTooLong(byteCount: count, limit: limit, areTags: label <= limit)
        }
    }

    private func check(
        _ parameters: [String: String], of integration: ConfiguredIntegration
    ) throws(InitiateError) {
        let known = integration.integration.authorization.parameters.filter(\.isOverridable).map(\.name)
        let unknown = parameters.keys.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw .authorizationParametersNotAllowed(unknown.sorted(), known: known)
        }
        let limit = Self.maximumAuthorizationParameterLength
        if let long = parameters.filter({ $0.value.unicodeScalars.count > limit }).keys.min() {
            throw .authorizationParameterTooLong(long)
        }
    }

    private static func pairs(_ parameters: [String: String]) -> [(name: String, value: String)] {
        parameters.isEmpty ? [] : parameters.map { ($0.key, $0.value) }
    }

    /// The binding of confirm mode, or whether our page asks the user; neither in direct mode. A binding proves more than
    /// the page does, so that with one the user is not asked.
    private func confirmation(
        of command: InitiateCommand, in workspace: Workspace
    ) throws(InitiateError) -> (binding: Binding?, screen: Bool) {
        guard let text = command.binding else {
            let asked = settings.confirmation.confirmation(
                in: workspace, integrationID: command.integrationID)
            guard asked != .required else { throw .bindingRequired }
            return (nil, command.screen || asked == .screen)
        }
        guard let binding = Binding(text) else { throw .invalidBinding }
        // The ticket goes to the app's server by way of its redirect URI; a page of ours could not hand it on.
        guard command.redirectURI != nil else { throw .redirectURIRequired }
        return (binding, false)
    }

    private func verifier(for integration: ConfiguredIntegration) throws(InitiateError) -> CodeVerifier? {
        guard integration.integration.authorization.pkce.isSent else { return nil }
        do throws(StateEncodingError) {
            return try codec.makeCodeVerifier()
        } catch {
            throw InitiateError(error)
        }
    }
}

/// A scope value (RFC 6749 §3.3).
enum ScopeText {
    static func isValid(_ text: String) -> Bool {
        text.utf8.count <= 512 && FlowState.isScope(text)
    }
}
