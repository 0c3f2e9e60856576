package import Cryptography

/// How the client authenticates with a JWT that it signs (RFC 7523 §2.2), in OpenID Connect's words `private_key_jwt`.
package struct ClientAssertion: Sendable, Hashable {
    /// Whom an assertion is for (RFC 7523 §3 item 3).
    package enum Audience: Sendable, Hashable {
        case issuer
        case tokenEndpoint
        case fixed(String)
    }

    package let algorithm: SignatureAlgorithm
    package let audience: Audience
    package let lifetime: Duration
}

extension ClientAssertion {
    private static let algorithms: [SignatureAlgorithm] = [.rs256, .rs384, .ps256, .es256, .es384, .edDSA]

    init?(_ token: SectionReader, entry: SectionReader) {
        guard token.node("client_assertion") != nil else { return nil }
        let section = token.section("client_assertion")
        let algorithm = section.string("algorithm").flatMap(SignatureAlgorithm.init(rawValue:))
        if algorithm.map(Self.algorithms.contains) != true {
            let known = Self.algorithms.map(\.rawValue).joined(separator: ", ")
            section.report("is needed: one of \(known)", "algorithm")
        }
        switch section.string("audience") {
        case "issuer", nil: audience = .issuer
        case "token_endpoint": audience = .tokenEndpoint
        case let text?: audience = .fixed(text)
        }
        if audience == .issuer, entry.node("issuer") == nil, entry.flag("configured_endpoints") != true {
            section.report("needs the entry's `issuer`, or name `token_endpoint` or a text", "audience")
        }
        lifetime = .seconds(section.number("lifetime", in: 10...3_600) ?? 60)
        section.finish()
        guard let algorithm else { return nil }
        self.algorithm = algorithm
    }
}
