import ConnectAPI
import Encodings
import Integrations

/// What is said about one integration.
struct IntegrationReport {
    let integration: Integration
    let redirectURI: String?
    /// The redirect URI, or why there is none to show.
    let registration: String
    let error: SettingsError?
    /// What is in force; `nil` where settings are missing.
    let client: ConfiguredIntegration?
    /// Those of the client, complete or not.
    let given: IntegrationSettings
    /// Where the operator's picture is.
    let logoURL: String?

    var json: [UInt8] {
        JSONOutput.object(capacity: 2048) { answer in
            integration.write(
                to: &answer, redirectURI: redirectURI, settings: error, isConnectable: error == nil,
                isOwnClient: client?.owner != nil, defaultScopes: client?.scopes(requested: []),
                logo: logoURL)
            answer.member("authorization_endpoint", authorizationEndpoint)
            answer.member("token_endpoint", tokenEndpoint)
            answer.member("issuer", issuer)
            answer.member("client_authentication", clientAuthentication.rawValue)
            answer.array("settings") { names in for name in settings { names.element(name) } }
        }
    }

    func text(colours: Bool = Terminal.hasColours()) -> String {
        var fields = FieldList()
        fields.add("integration", "\(integration.id) (\(integration.label))")
        if !integration.about.categories.isEmpty {
            fields.add(
                "categories", lines: [integration.about.categories.map(\.rawValue).joined(separator: ", ")])
        }
        if !integration.about.aliases.isEmpty {
            fields.add("also", lines: [integration.about.aliases.joined(separator: ", ")])
        }
        if let product = integration.about.sandboxOf { fields.add("sandbox of", lines: [product]) }
        fields.add("status", status)
        fields.add("client", integration.settingsWords(error))
        if let client {
            let owner = client.owner.map { "the workspace `\($0)`" } ?? "the operator, for all workspaces"
            fields.add("client of", lines: [owner])
            fields.add("client id", lines: [client.clientID])
        }
        for sentence in error?.invalid ?? [] { fields.add("", StyledText(sentence, .bad)) }
        fields.add("documentation", "\(integration.documentation)")
        if let setup = integration.about.setup { fields.add("set up at", lines: [setup]) }
        fields.add("register there", lines: [registration])
        fields.add("then set", lines: settings)
        fields.add("or", lines: environment)
        fields.add("authorization", optional: authorizationEndpoint ?? discovered)
        fields.add("token", optional: tokenEndpoint ?? discovered)
        fields.add("revocation", optional: revocationEndpoint ?? discovered)
        fields.add("scopes", lines: scopes)
        if !meanings.isEmpty { fields.add("they allow", lines: meanings) }
        fields.add("PKCE", "\(integration.authorization.pkce.rawValue)")
        fields.add("client auth.", "\(authentication)")
        fields.add("refresh", lines: [refresh] + lifetimes)
        if let api = integration.api { fields.add("API", lines: [api.url.text]) }
        if !chosen.isEmpty { fields.add("auth. params", lines: [chosen.joined(separator: ", ")]) }
        if let limit = integration.maxStateLength {
            fields.add("state", "at most \(String(limit)) characters")
        }
        for parameter in integration.parameters where parameter.source == .caller {
            fields.add("params.\(parameter.name)", lines: Self.lines(parameter))
        }
        return fields.rendered(colours: colours)
    }

    private var status: StyledText {
        let checked = integration.about.checked.map { ", checked on \($0)" } ?? ""
        return switch integration.about.status {
        case .proven: StyledText("proven\(checked)")
        case .unproven:
            StyledText("unproven\(checked): compare it with the provider's documentation first", .bad)
        }
    }

    /// What an initiate request may set in `authorization_params`.
    private var chosen: [String] {
        integration.authorization.parameters.filter(\.isOverridable).map(\.name)
    }

    private var discovered: String? {
        if let discovery = integration.discovery {
            return "from the document (\(discovery.kind.rawValue)) of \(discovery.base.text)"
        }
        if let issuer { return "from the issuer \(issuer)" }
        return integration.hasConfiguredEndpoints && client == nil
            ? "from the issuer, or as configured" : nil
    }

    // MARK: What is in force

    private var authorizationEndpoint: String? {
        if let client { return client.authorizationURL }
        return given.authorizationEndpoint ?? ofEntry(integration.authorizationEndpoint)
    }

    private var tokenEndpoint: String? {
        if let client { return client.tokenURL }
        return given.tokenEndpoint ?? ofEntry(integration.tokenEndpoint)
    }

    private var revocationEndpoint: String? {
        if let client { return client.revocationURL }
        if let revocation = given.revocationEndpoint { return revocation }
        return given.tokenEndpoint == nil ? ofEntry(integration.revocationEndpoint) : nil
    }

    private var issuer: String? { given.issuer ?? client?.issuer ?? integration.issuer?.text }

    /// An issuer in the settings takes the place of the entry's endpoints.
    private func ofEntry(_ endpoint: URLTemplate?) -> String? { given.issuer == nil ? endpoint?.text : nil }

    private var clientAuthentication: ClientAuthentication {
        client?.tokenAuthentication ?? given.clientAuthentication ?? integration.token.authentication
    }

    /// The settings of the client, in the order of a configuration file.
    private var settings: [String] {
        var names = ["client_id"]
        if clientAuthentication != .none {
            let isKey =
                integration.token.signedClientSecret != nil || integration.token.clientAssertion != nil
            names.append(isKey ? "client_secret_file" : "client_secret")
        }
        if integration.token.signedClientSecret != nil { names += ["key_id", "key_issuer"] }
        if integration.token.clientAssertion != nil { names.append("key_id") }
        if integration.hasConfiguredEndpoints { names.append("issuer") }
        names += integration.parameters.filter { $0.source == .client && $0.defaultValue == nil }
            .map { "params.\($0.name)" }
        return names.map { "integrations.\(integration.id).\($0)" }
    }

    private var environment: [String] {
        settings.map { name in
            Setting.integration(integration).first { $0.name == name }?.environmentVariable ?? name
        }
    }

    private var scopes: [String] {
        switch integration.scope.mode {
        case .none: ["none: the provider keeps them with the client"]
        case .fixed: integration.scope.requested([])
        case .sent:
            (given.scopes ?? integration.scope.defaults).map { "\($0) (by default)" }
                + integration.scope.required.map { "\($0) (always)" }
        }
    }

    private var authentication: String {
        guard integration.token.signedClientSecret == nil else { return "a secret signed with a private key" }
        guard integration.token.clientAssertion == nil else {
            return "an assertion signed with a private key"
        }
        return switch clientAuthentication {
        case .clientSecretBasic: "Basic"
        case .basicUnencoded: "Basic, without form encoding"
        case .clientSecretPost: "in the body"
        case .both: "Basic, and the client's id in the body"
        case .secretAsUser: "Basic, with the secret as the user's name"
        case .none: "none: a public client"
        }
    }

    private var refresh: String {
        switch integration.refresh.mode {
        case .rotates: "each use of a refresh token gives a new one"
        case .stable: "a refresh token stays good"
        case .none: "there are no refresh tokens"
        }
    }

    private var meanings: [String] {
        integration.scope.meanings.map { "\($0.scope): \($0.meaning)" }
    }

    /// How long a grant lasts, and what is assumed where the provider does not say.
    private var lifetimes: [String] {
        let rules = integration.refresh
        let seconds: [(Duration?, String)] = [
            (rules.tokenLifetime, "a refresh token lasts"),
            (rules.idleLifetime, "a refresh token without use lasts"),
            (integration.response.assumedLifetime, "an access token is taken to last"),
        ]
        var lines = seconds.compactMap { duration, words in
            duration.map { "\(words) \($0.components.seconds) s" }
        }
        if let keeps = rules.keepsAccessToken {
            lines.append("a refresh \(keeps ? "leaves" : "ends") the access token from before")
        }
        return lines
    }

    private static func lines(_ parameter: TemplateParameter) -> [String] {
        var lines = [parameter.label]
        if let description = parameter.description { lines.append(description) }
        if let example = parameter.example { lines.append("such as \(example)") }
        for choice in parameter.choices { lines.append("\(choice.id): \(choice.label)") }
        if let pattern = parameter.pattern { lines.append("must match \(pattern)") }
        if let value = parameter.defaultValue { lines.append("default: \(value)") }
        return lines
    }
}
