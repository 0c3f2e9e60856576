package import Connections

/// Why a connection's access token was not handed out.
package enum AccessTokenError: Error, Equatable {
    case notFound
    /// The connection has no second grant.
    case grantNotFound
    /// The grant is over: only a new flow of the user's helps.
    case reconnectRequired
    /// The connection was switched off.
    case inactive
    /// The integration is not configured, or has another client than the one that the grant was issued to.
    case notConfigured
    /// The provider answered, and not with a token. `retryAfter` is in seconds.
    case providerError(retryAfter: Int)
    /// The provider refreshes the token only later: what there is stays good. `retryAfter` is in seconds.
    case tooEarly(retryAfter: Int)
    case providerTimeout
    /// Another request is refreshing, for longer than one may wait.
    case busy
    case storeUnavailable
    /// The connection's row cannot be read.
    case unreadable(RowFault)
    /// The stored credentials do not open: a key is missing, or the row was changed.
    case sealed(CredentialError)
    /// libcrypto or the store broke a rule of its own.
    case failed
}
