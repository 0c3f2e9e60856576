/// The document that has to be read before the endpoints of a connection's server are known.
package struct DiscoveryTarget: Sendable, Hashable {
    package let kind: DiscoveryRules.Kind
    /// The issuer, or the base URL of a FHIR server.
    package let base: String
    /// Its host is looked up and checked by us, whatever proxy there is.
    package let isHostNamedByCaller: Bool

    package init(kind: DiscoveryRules.Kind, base: String, isHostNamedByCaller: Bool) {
        self.kind = kind
        self.base = base
        self.isHostNamedByCaller = isHostNamedByCaller
    }

    /// Where the document lies.
    package var url: String {
        let base = base.utf8.last == UInt8(ascii: "/") ? String(base.dropLast()) : base
        switch kind {
        case .oidc: return "\(base)/.well-known/openid-configuration"
        case .smart: return "\(base)/.well-known/smart-configuration"
        case .oauth:
            let authority = base.drop { $0 != ":" }.drop { $0 == ":" || $0 == "/" }
            let path = authority.firstIndex(of: "/") ?? base.endIndex
            return "\(base[..<path])/.well-known/oauth-authorization-server\(base[path...])"
        }
    }

    /// The issuer that the document must state; `nil`: it is not compared.
    package var issuer: String? { kind == .smart ? nil : base }
}
