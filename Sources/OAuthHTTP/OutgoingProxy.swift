internal import Encodings

/// The operator's HTTP proxy. Requests to providers go through it in tunnels (RFC 9110 §9.3.6), so that it sees the names
/// of hosts and nothing else.
package struct OutgoingProxy: Sendable, Equatable {
    package let host: String
    package let port: Int
    /// The value of `Proxy-Authorization`, which is a secret.
    let authorization: String?
    let exceptions: [NoProxyRule]

    /// Reads `http://[user:password@]host[:port]`; a port that is left out is 80, as in the URL of any HTTP server.
    ///
    /// - Parameter exceptions: hosts that are reached without it, as in the variable `NO_PROXY`: names with all names
    ///   under them, addresses, ranges of addresses, or `*`.
    package init(_ text: String, exceptions: [String]) throws(OutgoingProxyError) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { throw .notHTTP }
            rest = rest[scheme.upperBound...]
        }
        if rest.last == "/" { rest = rest.dropLast() }
        var userinfo: Substring?
        if let at = rest.lastIndex(of: "@") {
            userinfo = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        let portText: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw .badHost }
            host = String(rest[rest.index(after: rest.startIndex)..<end]).lowercased()
            guard case .v6 = IPAddress(host) else { throw .badHost }
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw .badPort }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(parts[0]).lowercased()
            portText = parts.count == 2 ? parts[1] : nil
        }
        let isName = host.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || "-._:".utf8.contains($0)
        }
        guard !host.isEmpty, host.utf8.count <= 253, isName else { throw .badHost }
        if let portText {
            guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText),
                port > 0
            else { throw .badPort }
            self.port = Int(port)
        } else {
            port = 80
        }
        authorization = try userinfo.map { userinfo throws(OutgoingProxyError) in try Self.basic(userinfo) }
        self.exceptions = exceptions.compactMap { NoProxyRule($0) }
    }

    /// Whether requests to a host go through it.
    func isUsed(for host: String) -> Bool { !exceptions.contains { $0.matches(host) } }

    /// RFC 7617 §2; each part is percent-decoded, as in any URL.
    private static func basic(_ userinfo: Substring) throws(OutgoingProxyError) -> String {
        let parts = userinfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = PercentEncoding.decodeOctets(parts[0]),
            let password = PercentEncoding.decodeOctets(parts.count == 2 ? parts[1] : "")
        else { throw .badCredentials }
        let credentials = user + [UInt8(ascii: ":")] + password
        return "Basic \(Base64.encode(credentials.span))"
    }
}

/// Why a text does not name a proxy. The text may hold a password, and is not repeated.
package enum OutgoingProxyError: Error, Equatable {
    /// Proxies are spoken to in HTTP; `https` and `socks5` are not.
    case notHTTP
    case badHost
    case badPort
    case badCredentials
}

extension OutgoingProxyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notHTTP: "must begin with http://; the tunnels through it are encrypted all the same"
        case .badHost: "needs a host name or an address"
        case .badPort: "has a port that is not a number from 1 to 65535"
        case .badCredentials: "has a user name or a password that is not percent-encoded"
        }
    }
}

/// One host, or a group of hosts, that is reached without the proxy.
enum NoProxyRule: Sendable, Equatable {
    case all
    /// A name, and all names under it.
    case name(String)
    case range(AddressRange)

    /// Nil for an empty text.
    init?(_ text: String) {
        let text = String(text.split(whereSeparator: \.isWhitespace).joined()).lowercased()
        if text == "*" {
            self = .all
        } else if let range = AddressRange(text.hasPrefix("[") ? String(text.dropFirst().dropLast()) : text) {
            self = .range(range)
        } else {
            let name =
                text.hasPrefix("*.") ? text.dropFirst(2) : text.hasPrefix(".") ? text.dropFirst() : text[...]
            guard !name.isEmpty else { return nil }
            self = .name(String(name))
        }
    }

    /// - Parameter host: in lower case, as it stands in the URL.
    func matches(_ host: String) -> Bool {
        switch self {
        case .all: true
        case .name(let name): host == name || host.hasSuffix("." + name)
        case .range(let range): IPAddress(host).map(range.contains) ?? false
        }
    }
}
