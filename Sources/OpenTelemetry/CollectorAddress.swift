/// Where a collector takes spans by OTLP/HTTP.
package struct CollectorAddress: Sendable, Equatable {
    /// Of the protocol, below the endpoint that operators name.
    private static let path = "/v1/traces"

    package let url: String
    package let isSecure: Bool
    /// Nothing that is sent there leaves this machine.
    package let isLoopback: Bool

    /// Reads an endpoint as `OTEL_EXPORTER_OTLP_ENDPOINT` has it: `http://localhost:4318`, to which the protocol's path is
    /// added unless it is there.
    ///
    /// - Returns: `nil` unless it is an absolute `http` or `https` URL with a host, without user, query and fragment.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"@?#\\\"<>".utf8.contains($0) }),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        switch text[..<colon].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//") else { return nil }
        let authority = rest.dropFirst(2).prefix { $0 != "/" }
        guard let host = Self.host(of: authority) else { return nil }
        isLoopback = ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased())
        var base = text
        while base.hasSuffix("/") { base.removeLast() }
        url = base.hasSuffix(Self.path) ? base : base + Self.path
    }

    /// - Returns: `nil` for an empty host, or a port that is none.
    private static func host(of authority: Substring) -> Substring? {
        let end: Substring.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            end = authority.index(after: bracket)
        } else {
            end = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let host = authority[..<end]
        let port = authority[end...]
        guard !host.isEmpty, port.isEmpty || port.first == ":" && UInt16(port.dropFirst()) != nil else {
            return nil
        }
        return host
    }
}
