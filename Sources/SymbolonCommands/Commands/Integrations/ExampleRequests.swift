import ConnectService
import Integrations
import OAuth

/// What would be sent to a provider, with names in capitals where a flow has values: a client's id and secret, a state, a
/// code. Nothing in it is secret.
struct ExampleRequests {
    private static let state = String(repeating: "s", count: 220)
    private static let codeVerifier = String(repeating: "v", count: 43)
    private static let codeChallenge = String(repeating: "c", count: 43)

    private let client: ConfiguredIntegration
    private let endpoints: Endpoints
    private let redirectURI: String

    /// - Parameter parameters: template parameters; an entry's own example stands in for one that is not given.
    init(
        _ integration: Integration, settings: IntegrationSettings, parameters: [String: String],
        allowsInsecureLoopback: Bool, service: ServiceSettings
    ) throws(CommandError) {
        var shown = settings
        shown.clientID = settings.clientID ?? "CLIENT_ID"
        if integration.token.signedClientSecret == nil, integration.token.clientAssertion == nil {
            shown.clientSecret = ClientSecret("CLIENT_SECRET")
        }
        for parameter in integration.parameters where parameter.source == .client {
            let example = parameter.example ?? parameter.choices.first?.id ?? parameter.name
            if shown.parameters[parameter.name] == nil || parameter.isSecret {
                shown.parameters[parameter.name] = ClientSecret(example)
            }
        }
        var values = parameters
        for parameter in integration.parameters where parameter.source == .caller {
            guard values[parameter.name] == nil, parameter.defaultValue == nil else { continue }
            values[parameter.name] = parameter.example ?? parameter.choices.first?.id
        }
        for parameter in integration.parameters where parameter.isHostOfClient {
            shown.host = shown.host ?? values[parameter.name]
        }
        do throws(SettingsError) {
            client = try ConfiguredIntegration(
                integration, settings: shown, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            throw CommandError(.configuration, "this cannot be shown without more settings: \(error)")
        }
        guard !client.needsDiscovery, integration.discovery == nil else {
            throw CommandError(
                .configuration,
                "the endpoints come from the \(integration.discovery == nil ? "issuer" : "server")'s discovery document: "
                    + "`symbolon integrations test \(integration.id)` reads it"
            )
        }
        do throws(ParameterError) {
            endpoints = try client.endpoints(parameters: values)
        } catch {
            throw CommandError(.usage, "\(error): give it with --param NAME=VALUE")
        }
        redirectURI = service.callbackURL(integrationID: integration.id, context: endpoints.context)
    }

    /// Where a flow would send the user (RFC 6749 §4.1.1).
    func authorizationURL() throws(CommandError) -> String {
        let limit = client.integration.maxStateLength ?? Self.state.utf8.count
        do throws(AuthorizationRequestError) {
            return try AuthorizationRequest(
                client, endpoints: endpoints, redirectURI: redirectURI,
                scopes: client.scopes(requested: [], endpoints: endpoints),
                state: String(Self.state.prefix(limit)),
                codeChallenge: Self.codeChallenge, nonce: "NONCE"
            ).url()
        } catch {
            throw CommandError(.refused, "no authorization URL can be built: \(error)")
        }
    }

    /// What a callback would send for tokens (RFC 6749 §4.1.3), as HTTP/1.1 has it.
    func tokenRequest() throws(CommandError) -> String {
        do throws(ClientAuthenticationError) {
            let request = try ProviderRequest.exchange(
                client, endpoints: endpoints, code: "CODE", redirectURI: redirectURI,
                codeVerifier: Self.codeVerifier, state: Self.state)
            let head =
                ["\(request.method.rawValue) \(request.url)"]
                + request.headers.map { "\($0.name): \($0.value)" }
            return (head + ["", String(decoding: request.body, as: UTF8.self)]).joined(separator: "\n")
        } catch {
            throw CommandError(.refused, "no token request can be built: \(error)")
        }
    }
}
