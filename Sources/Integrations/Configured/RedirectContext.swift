internal import Cryptography
internal import Encodings

/// What gives a redirect URI of its own to each context that an integration is used in, so that no server can pass its own
/// users' responses off as another's (COAT: draft-ietf-oauth-security-topics-update): a workspace's own client, and each
/// host that a caller names.
///
/// The operator's client has one redirect URI where the hosts are fixed. Endpoints are not in it: they may move.
struct RedirectContext: Sendable {
    private static let octetCount = 16

    private let integrationID: String
    /// The parameters that name the host.
    private let tenants: [TemplateParameter]
    private let clientID: String
    private let owner: String?

    /// - Parameter isShared: the operator wants one redirect URI for all hosts; a workspace's own client has its own still.
    /// - Returns: `nil` where the integration's only redirect URI will do.
    init?(_ integration: Integration, clientID: String, owner: String?, isShared: Bool) {
        let tenants = integration.parameters.filter(\.namesHost)
        guard owner != nil || !tenants.isEmpty && !isShared else { return nil }
        integrationID = integration.id
        self.tenants = tenants
        self.clientID = clientID
        self.owner = owner
    }

    /// 22 characters of base64url: the first 16 octets of SHA-256 over a label and texts, each behind its length.
    ///
    /// - Parameter values: of all parameters, checked.
    func text(_ values: [String: String], issuer: String?) -> String {
        var writer = OctetWriter()
        writer.append(text: "symbolon/redirect-context/1")
        writer.append(text: integrationID)
        writer.append(text: "\(tenants.count)")
        for parameter in tenants {
            writer.append(text: parameter.name)
            writer.append(text: parameter.tenant(values[parameter.name] ?? ""))
        }
        writer.append(text: tenants.isEmpty ? issuer ?? "" : "")
        writer.append(text: clientID)
        writer.append(text: owner ?? "")
        let octets = Array(SHA256.digest(writer.octets.span).prefix(Self.octetCount))
        return Base64URL.encode(octets.span)
    }
}

extension TemplateParameter {
    /// Whether a caller names a whole host by it, which is sent requests.
    package var namesHost: Bool {
        source == .caller && (kind == .host || kind == .url) && !isForAPI
    }

    /// A value as it is compared: hosts have no letter case (RFC 3986 §6.2.2.1), paths do.
    fileprivate func tenant(_ value: String) -> String {
        guard kind == .url else { return value.lowercased() }
        let octets = Array(value.utf8)
        let slashes = octets.indices.filter { octets[$0] == UInt8(ascii: "/") }
        let end = slashes.count > 2 ? slashes[2] : octets.endIndex
        return String(decoding: octets[..<end], as: UTF8.self).lowercased()
            + String(decoding: octets[end...], as: UTF8.self)
    }
}
