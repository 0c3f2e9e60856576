internal import ConnectService
internal import Connections
internal import HTTPTypes
internal import StateTokens

extension APIError {
    init(_ error: AccessTokenError) {
        switch error {
        case .notFound: self = .connectionNotFound
        case .grantNotFound:
            self.init(
                .notFound, "grant_not_found",
                "The connection has no second grant. Its own token is given without `grant`.")
        case .reconnectRequired:
            self.init(
                .conflict, "reconnect_required",
                "The provider no longer honours this grant. Initiate again with `connection_id` to renew it.")
        case .providerError(let retryAfter):
            self.init(
                .badGateway, "provider_error",
                "The provider refused or failed to refresh the token. Try again later.",
                headers: [.retryAfter: "\(retryAfter)"])
        case .tooEarly(let retryAfter):
            self.init(
                .badGateway, "provider_error",
                "The provider does not refresh this token yet. The present one stays as it is until then.",
                headers: [.retryAfter: "\(retryAfter)"])
        case .notConfigured:
            self.init(
                .conflict, "integration_not_configured",
                "The connection's grant belongs to another client than the integration has now, or the integration has "
                    + "none. Set its client_id as it was, or renew the connection with `connection_id`.")
        case .inactive:
            self.init(
                .conflict, "connection_inactive",
                "The connection is switched off. Set its status to `active` to use it again.")
        case .providerTimeout:
            self.init(
                .gatewayTimeout, "provider_timeout", "The provider did not answer in time. Try again later.")
        case .busy:
            self.init(
                .serviceUnavailable, "store_unavailable",
                "Another request is refreshing this connection. Try again in a moment.",
                headers: [.retryAfter: "2"])
        case .storeUnavailable: self = .storeUnavailable
        case .unreadable(let fault): self = .unreadable(fault)
        case .sealed(.unopened(.unknownKey)), .sealed(.unopened(.disabledKey)):
            self.init(
                .serviceUnavailable, "key_unavailable",
                "The credentials of this connection are sealed under a key that the connections keyring does not have, "
                    + "or that is disabled. Put the keyring back as it was, or renew the connection.",
                headers: [.retryAfter: "60"])
        case .sealed:
            self.init(
                .conflict, "connection_unreadable",
                "The stored credentials of this connection do not open: they were changed, or belong to another row. "
                    + "Renew the connection, or delete it.")
        case .failed: self = .internalError
        }
    }

    /// It names the column, and nothing of what is in it.
    private static func unreadable(_ fault: RowFault) -> APIError {
        APIError(
            .conflict, "connection_unreadable",
            "The stored connection cannot be read: \(fault). Mend its row in the database, or delete the connection."
        )
    }

    init(_ error: StoreError) {
        switch error {
        case .unavailable: self = .storeUnavailable
        case .notFound: self = .connectionNotFound
        case .revisionConflict:
            self.init(
                .conflict, "revision_conflict",
                "The connection was changed meanwhile. Read it again, and try with its new revision.")
        case .unreadable(let fault): self = .unreadable(fault)
        case .badCursor, .corrupt, .alreadyExists, .alreadyConnected: self = .internalError
        }
    }
}
