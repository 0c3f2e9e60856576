/// Why a connection's access token was not handed out.
package enum AccessTokenError: Error, Equatable {
    case notFound
    /// The grant is over: only a new flow of the user's helps.
    case reconnectRequired
    /// The provider answered, and not with a token. `retryAfter` is in seconds.
    case providerError(retryAfter: Int)
    case providerTimeout
    /// Another request is refreshing, for longer than one may wait.
    case busy
    case storeUnavailable
    /// What is stored does not open: keys are missing, or the row was tampered with.
    case unreadable
}
