internal import ConnectService
internal import Connections
internal import HTTPTypes

extension APIError {
    init(_ error: AccessTokenError) {
        switch error {
        case .notFound: self = .connectionNotFound
        case .reconnectRequired:
            self.init(
                .conflict, "reconnect_required",
                "The provider no longer honours this grant. Initiate again with `connection_id` to renew it.")
        case .providerError(let retryAfter):
            self.init(
                .badGateway, "provider_error",
                "The provider refused or failed to refresh the token. Try again later.",
                headers: [.retryAfter: "\(retryAfter)"])
        case .providerTimeout:
            self.init(
                .gatewayTimeout, "provider_timeout", "The provider did not answer in time. Try again later.")
        case .busy:
            self.init(
                .serviceUnavailable, "store_unavailable",
                "Another request is refreshing this connection. Try again in a moment.",
                headers: [.retryAfter: "2"])
        case .storeUnavailable: self = .storeUnavailable
        case .unreadable: self = .internalError
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .unavailable: self = .storeUnavailable
        case .notFound: self = .connectionNotFound
        case .revisionConflict:
            self.init(
                .conflict, "revision_conflict",
                "The connection was changed meanwhile. Read it again, and try with its new revision.")
        case .badCursor, .corrupt, .alreadyExists: self = .internalError
        }
    }
}
