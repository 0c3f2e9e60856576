internal import ConnectService
internal import Connections
internal import Integrations

extension ImportConnectionError {
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
            issue(.name("config"), .name(name), msg: reason.sentence, type: "invalid_params")
        case .invalidCredentials(let reason):
            issue(.name("credentials"), msg: reason.sentence, type: "invalid_credentials")
        case .nothingToVerify:
            issue(
                .name("credentials"), .name("refresh_token"),
                msg: "Field required: without it there is nothing to verify the grant with", type: "missing")
        case .notVerified(.reconnectRequired):
            issue(
                .name("credentials"), .name("refresh_token"),
                msg: "The provider does not accept it from the client that is configured here",
                type: "credentials_rejected")
        case .notVerified(let error): APIError(error)
        case .keyReused:
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("header"), .name("Idempotency-Key")],
                    msg: "This key has come before, with another import; take a new one",
                    type: "idempotency_key_reused")
            ])
        case .store(let error): APIError(error)
        case .unavailable: APIError.internalError
        }
    }

    private func issue(
        _ place: ValidationIssue.LocationElement..., msg: String, type: String
    ) -> RequestValidationError {
        RequestValidationError([ValidationIssue(loc: [.name("body")] + place, msg: msg, type: type)])
    }
}
