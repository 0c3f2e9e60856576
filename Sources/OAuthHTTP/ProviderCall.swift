/// What a request is for, as the names of spans say it.
package enum ProviderCall: String, Sendable, CaseIterable {
    /// A code for tokens (RFC 6749 §4.1.3).
    case exchange
    /// A refresh token for new tokens (RFC 6749 §6).
    case refresh
    /// The end of a grant (RFC 7009).
    case revocation
    case accountLookup = "account_lookup"
    case keySet = "key_set"
    case discovery
    case webhook
    /// Whether the provider answers at all.
    case probe
}
