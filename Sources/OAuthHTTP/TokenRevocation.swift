/// What became of a token that was to be revoked (RFC 7009).
package enum TokenRevocation: Sendable, Equatable {
    case revoked
    /// The provider said no; the token may still be good.
    case rejected(status: Int)
    /// The provider has no revocation endpoint, or the client's secret could not be made.
    case notPossible
    /// Nothing was sent: it can be tried again.
    case notSent(ProviderRequestError)
    /// No response, or one that says that the provider cannot serve now.
    case unknown
}
