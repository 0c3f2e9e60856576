package import ConnectService
internal import Connections
internal import Integrations

extension ImportConnectionError {
    /// The same for people who read no JSON. No credential is in it.
    package var sentence: String {
        switch answer {
        case let error as RequestValidationError: error.summary
        case let error as APIError: error.detail
        default: auditReason
        }
    }

    /// What the client is answered: a 422 in the form's shape where a field is wrong, an error with a code elsewhere.
    var answer: any Error {
        switch self {
        case .integrationNotFound(let id):
            InitiateError.integrationNotFound(id).answer
        case .integrationNotConfigured(let id, let settings):
            InitiateError.integrationNotConfigured(id, settings: settings).answer
        case .discoveryPending(let id, let problem):
            InitiateError.discoveryPending(id, problem: problem).answer
        case .authMethodNotFound(let id, let known):
            InitiateError.authMethodNotFound(id, known: known).answer
        case .invalidParameter(let name, let reason):
            issue("invalid_params", reason.sentence, "config", .name(name))
        case .invalidCredentials(let reason):
            issue("invalid_credentials", reason.sentence, "credentials")
        case .nothingToVerify:
            issue(
                "missing", "Field required: without it there is nothing to verify the grant with",
                "credentials", "refresh_token")
        case .notVerified(.reconnectRequired):
            issue(
                "credentials_rejected",
                "The provider does not accept it from the client that is configured here", "credentials",
                "refresh_token")
        case .notVerified(let error): APIError(error)
        case .keyReused:
            RequestValidationError.idempotencyKeyReused(for: "import")
        case .store(let error): APIError(error)
        case .unavailable: APIError.internalError
        }
    }

}
