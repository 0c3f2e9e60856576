package import Access
package import Integrations
internal import OAuth
internal import StateTokens

/// Why a flow did not begin. Nothing was sent anywhere.
package enum InitiateError: Error, Equatable {
    case integrationNotFound(String)
    /// Settings of the integration are missing or wrong.
    case integrationNotConfigured(String, settings: SettingsError)
    /// The issuer's discovery document has not been read yet; `problem` is why, if it was tried.
    case discoveryPending(String, problem: String? = nil)
    /// The document of the server that the parameters name has to be read first.
    case undiscovered(DiscoveryNeed)
    /// It could not be read, or cannot be used.
    case discoveryFailed(ConnectionDiscoveryError)
    case authMethodNotFound(String, known: [String])
    case redirectURI(RedirectURIRejection)
    /// The credential names a workspace that this deployment does not have.
    case workspaceUnknown
    /// Not a scope value (RFC 6749 §3.3).
    case invalidScope(index: Int)
    /// A template parameter that is missing, unknown or ill-formed.
    case invalidParameter(name: String, reason: String)
    /// The workspace or the integration requires confirm mode, and there is no binding.
    case bindingRequired
    /// Not the base64url text of a SHA-256.
    case invalidBinding
    /// Confirm mode without a redirect URI, to which the ticket would go.
    case redirectURIRequired
    case invalidConnectionID
    /// A renewal of a connection was to make a new one.
    case newWithConnectionID
    case appStateTooLong
    case userLabelTooLong
    /// The user's name has characters that hide or turn what stands beside them.
    case invalidUserLabel
    /// Parameters of the authorization request that the integration does not let callers choose.
    case authorizationParametersNotAllowed([String], known: [String])
    case authorizationParameterTooLong(String)
    /// Label and tags have more octets than a state carries of them; `areTags` is false if the label alone has.
    case annotationsTooLong(byteCount: Int, limit: Int, areTags: Bool)
    /// The state would be longer than the integration takes; `limit` is in characters.
    case stateTooLong(characterCount: Int?, limit: Int)
    case urlTooLong(characterCount: Int, limit: Int)
    /// A connect session does not allow this.
    case sessionForbids(SessionLimit)
    /// The credential is limited to others of these.
    case limited(AccessLimits.Limit)
    /// No key of the state keyring is enabled.
    case noSealingKey
    /// libcrypto failed.
    case unavailable
}

extension InitiateError {
    init(_ error: ParameterError, integrationID: String, discoveryProblem: String?) {
        switch error {
        case .unknown(let name), .missing(let name, _), .invalid(let name, _):
            self = .invalidParameter(name: name, reason: error.description)
        case .discoveryPending:
            self = .discoveryPending(integrationID, problem: discoveryProblem)
        }
    }

    init(_ error: StateEncodingError) {
        switch error {
        case .tooLong: self = .stateTooLong(characterCount: nil, limit: StateTokenCodec.maximumCharacterCount)
        case .noSealingKey: self = .noSealingKey
        // Every field was checked before, so that only a lifetime beyond the ring's can be wrong: configuration.
        case .invalidField, .unavailable: self = .unavailable
        }
    }

    init(_ error: AuthorizationRequestError) {
        switch error {
        case .stateTooLong(let byteCount, let limit):
            self = .stateTooLong(characterCount: byteCount, limit: limit)
        case .parameterNotAllowed(let name):
            self = .authorizationParametersNotAllowed([name], known: [])
        case .codeChallengeMissing: self = .unavailable
        }
    }
}

extension InitiateError {
    /// A shorter state might do.
    var isOfLength: Bool {
        switch self {
        case .stateTooLong, .urlTooLong: true
        default: false
        }
    }
}
