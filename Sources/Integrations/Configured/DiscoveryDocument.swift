internal import Encodings

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
    /// Where the keys of ID tokens are; nil: the provider issues none.
    package let keySetURL: String?
    package let idTokenAlgorithms: [String]
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
        let authentications = members["token_endpoint_auth_methods_supported"]?.texts
        return DiscoveryDocument(
            issuer: try text("issuer"), authorizationEndpoint: try text("authorization_endpoint"),
            tokenEndpoint: try text("token_endpoint"),
            revocationEndpoint: members["revocation_endpoint"]?.text,
            sendsIssuer: members["authorization_response_iss_parameter_supported"] == .boolean(true),
            keySetURL: members["jwks_uri"]?.text,
            idTokenAlgorithms: members["id_token_signing_alg_values_supported"]?.texts ?? [],
            clientAuthentications: authentications)
    }

    /// Where an issuer's document lies (OpenID Connect Discovery §4).
    package static func url(issuer: String) -> String {
        issuer.utf8.last == UInt8(ascii: "/")
            ? "\(issuer).well-known/openid-configuration" : "\(issuer)/.well-known/openid-configuration"
    }
}

extension JSONValue {
    /// The texts in a list.
    fileprivate var texts: [String]? {
        guard case .array(let elements) = self else { return nil }
        return elements.compactMap(\.text)
    }
}
