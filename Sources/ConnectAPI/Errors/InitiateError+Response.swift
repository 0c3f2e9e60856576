internal import Access
internal import ConnectService
internal import HTTPTypes
internal import Integrations
internal import OAuthHTTP

extension InitiateError {
    /// What the client is answered: a 422 in the form's shape where a field is wrong, an error with a code elsewhere.
    var answer: any Error {
        switch self {
        case .integrationNotFound(let id):
            APIError(
                .notFound, "integration_not_found",
                "There is no integration `\(id)`. GET /api/v1/integrations lists all.")
        case .integrationNotConfigured(let id, let settings):
            APIError(
                .conflict, "integration_not_configured",
                "The integration `\(id)` is not configured; \(settings.description).")
        case .discoveryPending(let id, let problem):
            APIError(
                .conflict, "integration_not_configured",
                "The endpoints of `\(id)` are not known yet. "
                    + (problem ?? "Its issuer has not been asked yet: try again in a moment."))
        case .undiscovered, .discoveryFailed(.busy), .discoveryFailed(.parameters):
            APIError(
                .serviceUnavailable, "not_ready",
                "The provider's server could not be asked for its endpoints yet. Try again in a moment.",
                headers: [.retryAfter: "2"])
        case .discoveryFailed(.unusable(let error, let base)):
            APIError(
                error == .request(.timedOut) ? .gatewayTimeout : .badGateway,
                error == .request(.timedOut) ? "provider_timeout" : "provider_error",
                "The server `\(base)` \(error.sentence(issuer: base)).")
        case .authMethodNotFound(let id, let known):
            issue(
                "auth_method_not_found",
                "There is no auth method `\(id)`; the integration has: \(known.joined(separator: ", "))",
                "auth_method_id")
        case .redirectURI(let rejection): rejection.answer
        case .workspaceUnknown: APIError(AccessError.workspaceDenied)
        case .invalidScope(let index):
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body"), .name("scopes"), .index(index)],
                    msg: "A scope has 1 to 512 visible ASCII characters, without quotes and backslashes",
                    type: "invalid_scope")
            ])
        case .invalidParameter(let name, let reason):
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body"), .name("params"), .name(name)], msg: reason.sentence,
                    type: "invalid_params")
            ])
        case .bindingRequired:
            issue(
                "binding_required",
                "This flow must be confirmed by the app's server; send the binding of a secret that only it has",
                "binding")
        case .invalidBinding:
            issue(
                "invalid_binding",
                "A binding is the SHA-256 of the secret's text in base64url, 43 characters without padding",
                "binding")
        case .redirectURIRequired:
            issue(
                "redirect_uri_required",
                "In confirm mode the ticket goes to the app's redirect URI; send one", "redirect_uri")
        case .invalidConnectionID:
            issue("invalid_connection_id", "This is not a connection's id", "connection_id")
        case .newWithConnectionID:
            issue(
                "new_not_allowed", "A renewal makes no new connection: send `new` or `connection_id`", "new")
        case .appStateTooLong:
            issue(
                "string_too_long",
                "String should have at most \(InitiateFlow.maximumAppStateLength) characters", "app_state")
        case .invalidUserLabel:
            issue(
                "invalid_user_label",
                "A user's name has no characters that control how the others are shown", "user_label")
        case .userLabelTooLong:
            issue(
                "string_too_long",
                "String should have at most \(InitiateFlow.maximumUserLabelByteCount) bytes of UTF-8",
                "user_label")
        case .authorizationParametersNotAllowed(let names, let known):
            // A body has room for thousands of names.
            RequestValidationError(
                names.prefix(20).map { name in
                    ValidationIssue(
                        loc: [.name("body"), .name("authorization_params"), .name(name)],
                        msg: "Extra inputs are not permitted; the integration takes "
                            + (known.isEmpty ? "none" : known.joined(separator: ", ")),
                        type: "extra_forbidden")
                })
        case .authorizationParameterTooLong(let name):
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body"), .name("authorization_params"), .name(name)],
                    msg:
                        "String should have at most \(InitiateFlow.maximumAuthorizationParameterLength) characters",
                    type: "string_too_long")
            ])
        case .annotationsTooLong(let count, let limit, let areTags):
            issue(
                "too_long", "Label and tags should have at most \(limit) bytes together, not \(count)",
                areTags ? "tags" : "label")
        case .stateTooLong(let count, let limit):
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body")],
                    msg:
                        "The state would have \(count.map(String.init) ?? "more") characters, and the limit is "
                        + "\(limit). Ask for fewer scopes, or shorten the redirect URI, the parameters, the label, "
                        + "the tags or app_state",
                    type: "state_too_long")
            ])
        case .urlTooLong(let count, let limit):
            RequestValidationError([
                ValidationIssue(
                    loc: [.name("body")],
                    msg: "The authorization URL would have \(count) characters, and the limit is \(limit). "
                        + "Ask for fewer scopes, or shorten the redirect URI, the parameters, the label, the tags "
                        + "or app_state",
                    type: "state_too_long")
            ])
        case .sessionForbids(let limit): APIError.sessionForbids(limit)
        case .limited(let limit): APIError(AccessError.limited(limit))
        case .noSealingKey, .unavailable: APIError.internalError
        }
    }

}

extension RedirectURIRejection {
    var answer: RequestValidationError {
        let sentence =
            switch self {
            case .invalid(let error): "The redirect URI \(error.description)"
            case .notListed:
                "The workspace does not list this redirect URI. Add it, exactly as it is sent, to "
                    + "`workspaces.WORKSPACE.redirect_uris`; in development mode only loopback URIs are allowed"
            }
        return issue("redirect_uri_not_allowed", sentence, "redirect_uri")
    }
}

extension String {
    /// With its first letter in upper case, as all `msg` have it.
    var sentence: String { prefix(1).uppercased() + dropFirst() }
}
