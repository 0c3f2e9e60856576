internal import Access
internal import ConnectService
internal import HTTPTypes

extension SessionCreationError {
    /// What the client is answered: a 422 in the form's shape where a field is wrong, an error with a code elsewhere.
    var answer: any Error {
        switch self {
        case .workspaceUnknown: APIError(AccessError.workspaceDenied)
        case .bindingRequired:
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body")],
                    msg:
                        "Flows of this workspace must be confirmed by the app's server, so it has no connect "
                        + "sessions; begin its flows with a binding", type: "binding_required")
            ])
        case .permissionMissing(let permission): APIError(AccessError.permissionDenied(permission))
        case .limited(let limit): APIError(AccessError.limited(limit))
        case .credentialEnding: APIError(AccessError.invalidCredential)
        case .invalidUserID:
            issue(
                "invalid_user_id", "A user's id has 1 to 128 characters, none of them a control character",
                "user_id")
        case .otherUser:
            issue(
                "invalid_user_id", "The credential is another user's; a session of its is for the same",
                "user_id")
        case .invalidUserLabel:
            issue(
                "invalid_user_label",
                "A user's name has 1 to 64 characters, none of which controls how the others are shown",
                "user_label")
        case .integrationNotFound(let index):
            issue("integration_not_found", "There is no such integration", "integrations", .index(index))
        case .invalidScope(let index):
            issue(
                "invalid_scope",
                "A scope has 1 to 512 visible ASCII characters, without quotes and backslashes", "scopes",
                .index(index))
        case .unknownParameter(let name):
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body"), .name("params"), .name(String(name.prefix(64)))],
                    msg: "None of the session's integrations has this parameter", type: "invalid_params")
            ])
        case .redirectURI(let rejection): rejection.answer
        case .invalidConnectionID:
            issue("invalid_connection_id", "This is not a connection's id", "connection_id")
        case .annotationsTooLong:
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body")],
                    msg: "Label and tags may have \(InitiateFlow.maximumAnnotationByteCount) bytes together",
                    type: "too_long")
            ])
        case .originNotListed(let index):
            issue(
                "origin_not_allowed",
                "The workspace does not list this origin; list it exactly as it is sent",
                "origins", .index(index))
        case .lifetimeTooLong(let longest):
            issue(
                "lifetime_too_long",
                "The state keyring keeps its keys for sessions of at most \(longest.components.seconds) seconds; "
                    + "ask for less, or raise its session_lifetime", "lifetime")
        case .tooLong:
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body")],
                    msg:
                        "The session would have more than 4096 characters; ask for fewer integrations, scopes, "
                        + "parameters, tags or origins", type: "session_too_long")
            ])
        case .noSealingKey, .unavailable: APIError.internalError
        }
    }

}
