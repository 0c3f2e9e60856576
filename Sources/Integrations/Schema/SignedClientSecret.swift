/// A client secret that is a JWT of the client's own (RFC 7519), signed for each request with ES256.
package struct SignedClientSecret: Sendable, Hashable {
    package let audience: String
    package let lifetime: Duration
}

extension SignedClientSecret {
    init?(_ token: SectionReader) {
        guard token.node("signed_client_secret") != nil else { return nil }
        let section = token.section("signed_client_secret")
        let audience = section.string("audience")
        lifetime = .seconds(section.number("lifetime", in: 60...15_777_000) ?? 300)
        section.finish()
        guard let audience else {
            section.report("is needed: whom the secret is for", "audience")
            return nil
        }
        self.audience = audience
    }
}
