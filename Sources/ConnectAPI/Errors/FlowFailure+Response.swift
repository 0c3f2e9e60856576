internal import ConnectPages
internal import Connections
internal import HTTPTypes

/// How a failed flow is told: on the app's redirect URI, on our own page, and to the app's server.
struct FlowFailureResponse: Equatable, Sendable {
    /// `error` of the redirect.
    let error: String
    /// The page's status.
    let pageStatus: HTTPResponse.Status
    /// The status and code for the app's server.
    let status: HTTPResponse.Status
    let errorCode: String
    /// What happened, and what to do.
    let sentence: String
    /// The same on our own page, in its reader's language.
    let words: FlowText
}

extension FlowFailure {
    /// The one place where a failure becomes words and a status.
    var answer: FlowFailureResponse {
        switch self {
        case .provider(let code, _):
            FlowFailureResponse(
                // A provider's word that is one of ours would say what only we can know.
                error: Self.ownCodes.contains(code) ? "provider_error" : code, pageStatus: .badRequest,
                status: .badGateway, errorCode: "provider_error", sentence: Self.sentence(of: code),
                words: Self.words(of: code))
        case .stateExpired:
            FlowFailureResponse(
                error: code, pageStatus: .gone, status: .conflict, errorCode: "restart",
                sentence: "The request was not completed in time. Please start again.", words: .failureExpired
            )
        case .restart:
            FlowFailureResponse(
                error: code, pageStatus: .badRequest, status: .conflict, errorCode: "restart",
                sentence: "The connection could not be completed. Please start again.", words: .failureRestart
            )
        case .providerUnreachable:
            .exchange(
                .failureUnreachable, "exchange_failed",
                "The provider cannot be reached at the moment. Nothing was sent to it; the same request may be "
                    + "sent again.")
        case .codeRejected:
            .exchange(
                .failureCode, "exchange_rejected",
                "The provider rejected the authorization code. It may have expired. Please start again.")
        case .clientRejected:
            .exchange(
                .failureClient, "exchange_rejected",
                "The provider rejected this app's client id or secret. The operator of this service has to "
                    + "correct them.")
        case .userActionRequired:
            .exchange(
                .failureAction, "exchange_rejected",
                "The provider asks you to sign in or to consent once more. Please start again.")
        case .requestRejected:
            .exchange(
                .failureTokenRequest, "exchange_rejected",
                "The provider rejected the token request. Please start again.")
        case .exchangeTimedOut:
            .exchange(
                .failureTimedOut, "exchange_failed", timesOut: true,
                "The provider did not respond to the token request in time. Please start again.")
        case .exchangeInterrupted:
            .exchange(
                .failureInterrupted, "exchange_failed",
                "The connection to the provider broke before it responded. Please start again.")
        case .providerUnavailable:
            .exchange(
                .failureOutOfOrder, "exchange_failed",
                "The provider is unavailable or overloaded. Please start again later.")
        case .responseUnusable:
            .exchange(
                .failureResponse, "exchange_failed",
                "The provider's response could not be read. Please start again; if it happens again, the operator of "
                    + "this service can find the reason in the log.")
        case .idTokenRejected:
            .exchange(
                .failureIDToken, "exchange_failed",
                "The provider's ID token could not be verified. Please start again; if it happens again, the "
                    + "operator of this service can find the reason in the log.")
        case .exchangeFailed:
            .exchange(.failureExchange, "exchange_failed", "The token request failed. Please start again.")
        case .endpointNotAllowed:
            .exchange(
                .failureAddress, "exchange_failed",
                "The provider's token endpoint is at an address that this service does not send requests to. "
                    + "The operator of this service has to allow it.")
        case .clientUnusable:
            .exchange(
                .failureSecret, "exchange_failed",
                "The client secret that is configured for the provider cannot be used. The operator of this "
                    + "service has to correct it.")
        case .notStored:
            .exchange(
                .failureNotStored, "exchange_failed",
                "The connection could not be saved, so access was revoked. Please start again.")
        case .accountMismatch:
            FlowFailureResponse(
                error: code, pageStatus: .badRequest, status: .conflict, errorCode: code,
                sentence: "The connection belongs to another account at the provider. Nothing was changed.",
                words: .failureAccountMismatch)
        case .accountUnknown:
            FlowFailureResponse(
                error: reason, pageStatus: .badRequest, status: .conflict, errorCode: reason,
                sentence: "The provider did not say whose account it is. Nothing was changed.",
                words: .failureAccountUnknown)
        case .connectionNotFound:
            FlowFailureResponse(
                error: code, pageStatus: .badRequest, status: .notFound, errorCode: code,
                sentence: "The connection to renew does not exist.", words: .failureConnection)
        }
    }

    /// `error_description` of the redirect: the provider's own words where there are some.
    var redirectDescription: String {
        if case .provider(_, let description?) = self { description } else { answer.sentence }
    }

    /// Our own words: a stranger's have no place on a page of ours.
    private static func sentence(of code: String) -> String {
        switch code {
        case "access_denied": "Access was denied at the provider. Nothing was connected."
        case "temporarily_unavailable", "server_error":
            "The provider is unavailable or overloaded. Please start again later."
        case "login_required", "consent_required", "interaction_required", "account_selection_required":
            "The provider asks you to sign in or to consent first. Please start again."
        case "invalid_scope":
            "The provider does not grant the permissions that the app asked for."
        case "unauthorized_client", "invalid_request", "unsupported_response_type":
            "The provider did not accept the app's request. The operator of this service has to investigate."
        default: "The provider ended the request with an error. Please start again."
        }
    }

    private static func words(of code: String) -> FlowText {
        switch code {
        case "access_denied": .failureDenied
        case "temporarily_unavailable", "server_error": .failureOutOfOrder
        case "login_required", "consent_required", "interaction_required", "account_selection_required":
            .failureSignInFirst
        case "invalid_scope": .failureScope
        case "unauthorized_client", "invalid_request", "unsupported_response_type": .failureRequest
        default: .failureProvider
        }
    }

    private static let ownCodes = Set(
        stored.map(\.answer.error) + stored.map(\.code) + [FlowFailure.stateExpired.code, "provider_error"])
}

extension FlowFailureResponse {
    fileprivate static func exchange(
        _ words: FlowText, _ error: String, timesOut: Bool = false, _ sentence: String
    ) -> FlowFailureResponse {
        FlowFailureResponse(
            error: error, pageStatus: .badGateway, status: timesOut ? .gatewayTimeout : .badGateway,
            errorCode: timesOut ? "provider_timeout" : "provider_error", sentence: sentence,
            words: words)
    }
}
