/// Why a discovery document cannot be used.
package enum DiscoveryError: Error, Equatable {
    /// Not JSON, or without a field that is needed.
    case malformed(String)
    /// The document is another issuer's (OpenID Connect Discovery §4.3): using it would mix up two providers.
    case issuerMismatch
    /// An endpoint that we would not accept from an operator either.
    case unacceptable(field: String, ProviderURLError)
}

/// A provider's metadata (OpenID Connect Discovery §3, RFC 8414 §2), as far as we use it.
package struct DiscoveryDocument: Sendable, Hashable {
    package let issuer: String
    package let authorizationEndpoint: String
    package let tokenEndpoint: String
    package let revocationEndpoint: String?
    /// RFC 9207 §3.
    package let sendsIssuer: Bool
    /// Nil where the provider does not say.
    package let clientAuthentications: [String]?

    package static let byteCountLimit = 1 << 20

    package static func parse(_ bytes: [UInt8]) throws(DiscoveryError) -> DiscoveryDocument {
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
        func text(_ name: String) throws(DiscoveryError) -> String {
            guard case .string(let text) = members[name], !text.isEmpty else {
                throw .malformed("`\(name)` is not a text")
            }
            return text
        }
        var authentications: [String]?
        if case .array(let elements) = members["token_endpoint_auth_methods_supported"] {
            authentications = elements.compactMap(\.text)
        }
        return DiscoveryDocument(
            issuer: try text("issuer"), authorizationEndpoint: try text("authorization_endpoint"),
            tokenEndpoint: try text("token_endpoint"),
            revocationEndpoint: members["revocation_endpoint"]?.text,
            sendsIssuer: members["authorization_response_iss_parameter_supported"] == .boolean(true),
            clientAuthentications: authentications)
    }

    /// Where an issuer's document lies (OpenID Connect Discovery §4).
    package static func url(issuer: String) -> String {
        issuer.utf8.last == UInt8(ascii: "/")
            ? "\(issuer).well-known/openid-configuration" : "\(issuer)/.well-known/openid-configuration"
    }
}
