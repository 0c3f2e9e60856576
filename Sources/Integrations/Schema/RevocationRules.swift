/// What an integration's revocation requests look like (RFC 7009 §2.1), where they differ from the standard.
package struct RevocationRules: Sendable, Hashable {
    package let body: TokenBody
    /// Some providers refuse a body with a member that they do not know.
    package let sendsTokenTypeHint: Bool
}

extension RevocationRules {
    init(_ entry: SectionReader) {
        let section = entry.section("revocation")
        body = section.choice("body", of: TokenBody.self) ?? .form
        sendsTokenTypeHint = section.flag("token_type_hint") ?? true
        section.finish()
    }
}
