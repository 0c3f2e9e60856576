/// How the endpoints of a server are found that each connection names for itself.
package struct DiscoveryRules: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// OpenID Connect Discovery 1.0 §4: the document lies under the issuer.
        case oidc
        /// RFC 8414 §3: its place is between the issuer's host and path.
        case oauth
        /// SMART App Launch 2.2: it lies under the base URL of a FHIR server, which is no issuer.
        case smart
    }

    package let kind: Kind
    /// The issuer, or the base URL of a FHIR server.
    package let base: URLTemplate
    /// Hosts that the document may name beside the base's own.
    package let hosts: [DiscoveredHost]

    /// The issuer that the document must state (RFC 8414 §3.3).
    var issuer: URLTemplate? { kind == .smart ? nil : base }
}

/// A host, or all hosts under a name.
package struct DiscoveredHost: Sendable, Hashable {
    private static let wildcard = "*."

    let name: String
    let isWildcard: Bool

    init?(_ text: String) {
        isWildcard = text.hasPrefix(Self.wildcard)
        name = isWildcard ? String(text.dropFirst(Self.wildcard.count)) : text
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ HostLabel.isValid($0) }), name == name.lowercased()
        else { return nil }
    }

    func matches(_ host: String) -> Bool { isWildcard ? host.hasSuffix(".\(name)") : host == name }
}

extension DiscoveryRules {
    /// - Parameter issuer: as the entry has it.
    /// - Returns: `nil` where the entry discovers nothing, or not in a way that can be used, which was reported.
    init?(
        _ entry: SectionReader, issuer: URLTemplate?, parameters: [TemplateParameter],
        allowsInsecureLoopback: Bool
    ) {
        let kind = entry.choice("discovery", of: Kind.self)
        let hosts = (entry.strings("discovery_hosts") ?? []).compactMap { text -> DiscoveredHost? in
            let host = DiscoveredHost(text)
            if host == nil {
                entry.report(
                    "`\(text)` must be a host in lower case of two labels or more, perhaps with `*.` before it",
                    "discovery_hosts")
            }
            return host
        }
        guard let kind else {
            if !hosts.isEmpty { entry.report("has no use without `discovery`", "discovery_hosts") }
            return nil
        }
        for key in Self.discoveredKeys where entry.node(key) != nil {
            entry.reportInEntry("comes from the document that `discovery` reads; remove it", key)
        }
        guard kind != .smart || entry.node("issuer") == nil else {
            entry.report("has no use with `discovery: smart`: the base URL is a parameter", "issuer")
            return nil
        }
        let base: URLTemplate?
        if entry.node("issuer") != nil {
            base = issuer
        } else {
            base = Self.base(
                of: parameters.filter { [.host, .url].contains($0.kind) && !$0.isForAPI },
                allowsInsecureLoopback: allowsInsecureLoopback)
            if base == nil {
                entry.report(
                    kind == .smart
                        ? "needs one parameter of the kind `url` or `host`"
                        : "needs one parameter of the kind `url` or `host`, or an `issuer` with parameters",
                    "discovery")
            }
        }
        guard let base else { return nil }
        if base.isConstant {
            entry.report("has no use where the `issuer` names no parameter; remove it", "discovery")
        }
        self.init(kind: kind, base: base, hosts: hosts)
    }

    private static let discoveredKeys = [
        "authorization_endpoint", "token_endpoint", "refresh_endpoint", "revocation_endpoint",
        "configured_endpoints",
    ]

    private static func base(
        of servers: [TemplateParameter], allowsInsecureLoopback: Bool
    ) -> URLTemplate? {
        guard let server = servers.first, servers.count == 1 else { return nil }
        let text = server.kind == .url ? "{\(server.name)}" : "https://{\(server.name)}"
        do throws(URLTemplateError) {
            return try URLTemplate(
                text, parameters: servers, allowsInsecureLoopback: allowsInsecureLoopback, isIssuer: true)
        } catch {
            return nil
        }
    }
}

extension DiscoveryRules {
    /// Whether the document of a server may name a URL: on the server's own origin, or on a host of the entry's choice.
    ///
    /// A document never chooses another host: the code and the client's secret would go there.
    func allows(_ url: ProviderURL, base: ProviderURL) -> Bool {
        if url.host == base.host, url.port == base.port, url.isSecure == base.isSecure { return true }
        return url.isSecure && url.port == 443 && hosts.contains { $0.matches(url.host) }
    }
}
