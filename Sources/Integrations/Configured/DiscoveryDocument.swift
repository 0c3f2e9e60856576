internal import Encodings

/// Why a discovery document cannot be used.
package enum DiscoveryError: Error, Equatable {
    /// Not a JSON object, or a member that is needed is missing or no text.
    case malformed(String)
    /// The document states another issuer (RFC 8414 §3.3, OpenID Connect Discovery §4.3). To use it would mix up two
    /// providers, even where the two differ by a slash only.
    case issuerMismatch(stated: String)
    /// An endpoint that we would not accept from an operator either.
    case unacceptable(field: String, ProviderURLError)
    /// An endpoint on a host that the entry does not allow; the document of a server that a caller names chooses none.
    case foreignHost(field: String)
}

/// A provider's metadata (OpenID Connect Discovery §3, RFC 8414 §2), as far as we use it.
package struct DiscoveryDocument: Sendable, Hashable {
    /// Empty where the document states none, which only SMART's may.
    package let issuer: String
    /// The two endpoints are needed only where neither the catalog nor the operator names them.
    package let authorizationEndpoint: String?
    package let tokenEndpoint: String?
    package let revocationEndpoint: String?
    /// RFC 9207 §3.
    package let sendsIssuer: Bool
    /// Where the keys of ID tokens are; nil: the provider issues none.
    package let keySetURL: String?
    package let idTokenAlgorithms: [String]
    /// Nil where the provider does not say.
    package let clientAuthentications: [String]?
    /// The same for the revocation endpoint.
    package let revocationAuthentications: [String]?
    /// The provider states that it takes PKCE's method S256 (RFC 8414 §2).
    package let takesCodeChallenge: Bool
    /// What the provider names of its scopes; empty where it does not say.
    package let scopes: [String]
    /// The provider states that it takes the scope `offline_access` (OpenID Connect Core §11).
    package let offersOfflineAccess: Bool

    package static let byteCountLimit = 1 << 20
    /// A list has at most so many entries that are looked at.
    private static let listLimit = 100

    /// A member that is not needed and is empty or of another type counts as absent.
    ///
    /// - Parameter needsIssuer: `false` for SMART's, which need not state one.
    package static func parse(
        _ bytes: [UInt8], needsIssuer: Bool = true
    ) throws(DiscoveryError) -> DiscoveryDocument {
        guard bytes.count <= byteCountLimit else { throw .malformed("larger than 1 MiB") }
        let members: [String: JSONValue]
        do {
            guard case .object(let object) = try JSONValue.parse(bytes) else {
                throw DiscoveryError.malformed("not a JSON object")
            }
            members = object
        } catch {
            throw .malformed("not a JSON object")
        }
        func text(_ name: String) -> String? {
            guard case .string(let text) = members[name], !text.isEmpty else { return nil }
            return text
        }
        func texts(_ name: String) -> [String]? {
            guard case .array(let elements) = members[name] else { return nil }
            let texts = elements.prefix(listLimit).compactMap { element -> String? in
                if case .string(let text) = element, !text.isEmpty { text } else { nil }
            }
            return texts.isEmpty ? nil : texts
        }
        func has(_ name: String, _ text: String) -> Bool {
            guard case .array(let elements) = members[name] else { return false }
            return elements.contains(.string(text))
        }
        let issuer = text("issuer") ?? ""
        guard !issuer.isEmpty || !needsIssuer else { throw .malformed("`issuer` is not a text") }
        return DiscoveryDocument(
            issuer: issuer, authorizationEndpoint: text("authorization_endpoint"),
            tokenEndpoint: text("token_endpoint"), revocationEndpoint: text("revocation_endpoint"),
            sendsIssuer: members["authorization_response_iss_parameter_supported"] == .boolean(true),
            keySetURL: text("jwks_uri"),
            idTokenAlgorithms: texts("id_token_signing_alg_values_supported") ?? [],
            clientAuthentications: texts("token_endpoint_auth_methods_supported"),
            revocationAuthentications: texts("revocation_endpoint_auth_methods_supported"),
            takesCodeChallenge: has("code_challenge_methods_supported", "S256"),
            scopes: texts("scopes_supported") ?? [],
            offersOfflineAccess: has("scopes_supported", OfflineAccess.scope))
    }

    /// Where an issuer's document may lie, in the order in which to look: OpenID Connect Discovery §4 appends to the
    /// issuer's path, RFC 8414 §3 inserts before it, and §5 has OpenID's name at the inserted place too.
    package static func urls(issuer: String) -> [String] {
        let base = issuer.utf8.last == UInt8(ascii: "/") ? String(issuer.dropLast()) : issuer
        let authority = base.drop { $0 != ":" }.drop { $0 == ":" || $0 == "/" }
        let path = authority.firstIndex(of: "/") ?? base.endIndex
        let inserted = { (name: String) in "\(base[..<path])/.well-known/\(name)\(base[path...])" }
        let urls = [
            "\(base)/.well-known/openid-configuration", inserted("oauth-authorization-server"),
            inserted("openid-configuration"),
        ]
        return path == base.endIndex ? Array(urls.prefix(2)) : urls
    }
}

extension DiscoveryError {
    /// What is wrong, for the person who can mend it.
    package func sentence(issuer: String) -> String {
        switch self {
        case .malformed(let reason): return "cannot be used: \(reason)"
        case .issuerMismatch(let stated):
            let shown = String(
                stated.unicodeScalars.prefix(200).map { $0.isASCII && $0.value > 0x20 ? Character($0) : "?" })
            let differsBySlash = stated == issuer + "/" || stated + "/" == issuer
            return differsBySlash
                ? "states the issuer `\(shown)`, which differs from `\(issuer)` by the slash at its end: set `issuer` as stated"
                : "states another issuer, `\(shown)`: if that is the one you mean, set `issuer` to it"
        case .unacceptable(let field, let error): return "has an unusable `\(field)`: it \(error)"
        case .foreignHost(let field):
            return
                "names a `\(field)` on a host that the integration does not allow: not the server's own, and not one "
                + "of the entry's `discovery_hosts`"
        }
    }
}
