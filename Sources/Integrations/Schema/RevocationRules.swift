/// What one revocation ends at a provider.
package enum RevocationEnd: String, Sendable, CaseIterable {
    /// The token alone, with those that were issued by it.
    case token
    /// All that the user granted to the client. Standard servers may do so (RFC 7009 §2.1), hence the default.
    case grant
    /// The same, whichever of the provider's revocation endpoints is asked.
    case client
}

/// What an integration's revocation requests look like (RFC 7009 §2.1), where they differ from the standard.
package struct RevocationRules: Sendable, Hashable {
    package let body: TokenBody
    /// Some providers refuse a body with a member that they do not know.
    package let sendsTokenTypeHint: Bool
    /// Which other connections have to be looked for before a revocation.
    package let ends: RevocationEnd
}

extension RevocationRules {
    init(_ entry: SectionReader) {
        let section = entry.section("revocation")
        body = section.choice("body", of: TokenBody.self) ?? .form
        sendsTokenTypeHint = section.flag("token_type_hint") ?? true
        ends = section.choice("ends", of: RevocationEnd.self) ?? .grant
        section.finish()
    }
}
