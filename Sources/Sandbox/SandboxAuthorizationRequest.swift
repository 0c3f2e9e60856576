internal import Encodings
internal import StateTokens

/// An authorization request of the sandbox's client, fit to be shown to the user (RFC 6749 §4.1.1, RFC 7636 §4.3).
struct SandboxAuthorizationRequest: Sendable, Equatable {
    static let stateLengthLimit = 4_096

    let redirectURI: String
    let scopes: [SandboxScope]
    let state: String
    let codeChallenge: String

    init(_ parameters: SandboxParameters, client: SandboxClient) throws(SandboxAuthorizationError) {
        // Until client and redirect URI are known to be good, the user must not be redirected (RFC 6749 §4.1.2.1).
        guard parameters["client_id"] == client.id else { throw .unknownClient }
        guard let redirectURI = parameters["redirect_uri"],
            redirectURI.utf8.elementsEqual(client.redirectURI.utf8)
        else { throw .unknownRedirectURI }
        let state = parameters["state"]
        func rejection(_ error: String, _ description: String) -> SandboxAuthorizationError {
            .rejected(error: error, description: description, state: state)
        }
        if let name = parameters.doubled, Self.names.contains(name) {
            throw rejection("invalid_request", "The parameter \(name) is sent more than once.")
        }
        guard let state, state.utf8.count <= Self.stateLengthLimit,
            state.utf8.allSatisfy({ 0x20...0x7E ~= $0 })
        else {
            throw .rejected(
                error: "invalid_request", description: "The parameter state is needed, of printable ASCII.",
                state: nil)
        }
        guard let responseType = parameters["response_type"] else {
            throw rejection("invalid_request", "The parameter response_type is needed.")
        }
        guard responseType == "code" else {
            throw rejection("unsupported_response_type", "The only response type here is code.")
        }
        // Without the method the challenge would be a plain one (RFC 7636 §4.3).
        guard let challenge = parameters["code_challenge"], parameters["code_challenge_method"] == "S256",
            Base64URL.decode(challenge)?.count == 32
        else { throw rejection("invalid_request", "PKCE is needed, with a code_challenge of method S256.") }
        guard let scopes = SandboxScope.parse(parameters["scope"] ?? SandboxScope.allCases.text) else {
            let known = SandboxScope.allCases.map(\.rawValue).joined(separator: ", ")
            throw rejection("invalid_scope", "A scope is unknown. The known ones are: \(known).")
        }
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.state = state
        codeChallenge = challenge
    }

    /// What may come once; others are ignored (RFC 6749 §3.1).
    private static let names = [
        "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge",
        "code_challenge_method",
    ]
}

/// Why an authorization request is not shown to the user.
enum SandboxAuthorizationError: Error, Equatable {
    /// The user must not be redirected (RFC 6749 §4.1.2.1).
    case unreadable
    case unknownClient
    case unknownRedirectURI
    /// The page's one-time value was never given out, is used up, or belongs to another request.
    case staleConsent
    /// The client is told, at its redirect URI.
    case rejected(error: String, description: String, state: String?)
}
