internal import Encodings

/// Why a URL may not be a provider's.
package enum ProviderURLError: Error, Equatable {
    /// Neither `https://…` nor, where allowed, `http://` to a loopback host.
    case notHTTPS
    /// `user@host` hides the real host from the reader.
    case userinfo
    case badHost
    case badPort
    /// A space, control, non-ASCII or otherwise forbidden octet (RFC 3986 §2).
    case badCharacter
    case tooLong
}

/// An absolute URL that we may send a browser or a request to.
package struct ProviderURL: Sendable, Hashable {
    package let text: String
    package let isSecure: Bool
    /// Lower case; an IPv6 address is without its brackets.
    package let host: String
    /// The same as it stands in the text.
    package let writtenHost: String
    package let port: Int

    /// Plain `http` is for development and tests: only to a loopback host, and only where the flag says so.
    package init(_ text: String, allowsInsecureLoopback: Bool) throws(ProviderURLError) {
        let octets = Array(text.utf8)
        guard octets.count <= 2_048 else { throw .tooLong }
        guard octets.allSatisfy({ Self.isAllowed($0) }) else { throw .badCharacter }
        let scheme = octets.prefix { $0 != UInt8(ascii: ":") }
        let isSecure = scheme.elementsEqual("https".utf8)
        guard isSecure || scheme.elementsEqual("http".utf8) else { throw .notHTTPS }
        let rest = octets.dropFirst(scheme.count)
        guard rest.starts(with: "://".utf8) else { throw .notHTTPS }
        let authority = rest.dropFirst(3).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard !authority.contains(UInt8(ascii: "@")) else { throw .userinfo }
        let (host, port) = try Self.split(authority)
        guard isSecure || (allowsInsecureLoopback && Self.isLoopback(host.lowercased())) else {
            throw .notHTTPS
        }
        self.text = text
        self.isSecure = isSecure
        self.host = host.lowercased()
        writtenHost = host
        self.port = port ?? (isSecure ? 443 : 80)
    }

    /// By its text alone; what a name resolves to is checked when a request is sent.
    package static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    private static func isAllowed(_ octet: UInt8) -> Bool {
        switch octet {
        case 0...0x20, 0x7F..., UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: true
        }
    }

    private static func split(_ authority: ArraySlice<UInt8>) throws(ProviderURLError) -> (String, Int?) {
        let host: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .badHost }
            host = authority[(authority.startIndex + 1)..<end]
            let isAddress = host.allSatisfy {
                Hexadecimal.value($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
            guard isAddress, host.contains(UInt8(ascii: ":")) else { throw .badHost }
            return (String(decoding: host, as: UTF8.self), try port(authority[(end + 1)...]))
        }
        host = authority.prefix { $0 != UInt8(ascii: ":") }
        guard isName(host) else { throw .badHost }
        return (String(decoding: host, as: UTF8.self), try port(authority[host.endIndex...]))
    }

    private static func isName(_ host: ArraySlice<UInt8>) -> Bool {
        guard !host.isEmpty, host.count <= 253 else { return false }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { HostLabel.isValid($0) }
    }

    private static func port(_ text: ArraySlice<UInt8>) throws(ProviderURLError) -> Int? {
        if text.isEmpty { return nil }
        let digits = text.dropFirst()
        guard text.first == UInt8(ascii: ":"), digits.allSatisfy({ 0x30...0x39 ~= $0 }),
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0
        else { throw .badPort }
        return Int(port)
    }
}

/// One label of a host name (RFC 1123 §2.1; underscores are seen in the wild).
enum HostLabel {
    static func isValid(_ octets: some Collection<UInt8>) -> Bool {
        guard (1...63).contains(octets.count) else { return false }
        var last: UInt8 = UInt8(ascii: "-")
        for (index, octet) in octets.enumerated() {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                break
            case UInt8(ascii: "-"): if index == 0 { return false }
            default: return false
            }
            last = octet
        }
        return last != UInt8(ascii: "-")
    }
}

extension ProviderURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notHTTPS: "must begin with https://"
        case .userinfo: "must not carry a user name (`user@host`)"
        case .badHost: "needs a host name after https://"
        case .badPort: "has a port that is not a number from 1 to 65535"
        case .badCharacter: "has a character that a URL may not hold; percent-encode it"
        case .tooLong: "is longer than 2048 bytes"
        }
    }
}
