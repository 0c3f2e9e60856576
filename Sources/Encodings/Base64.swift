/// Base64 with padding (RFC 4648 §4).
package enum Base64 {
    /// The text of some octets.
    package static func encode(_ octets: Span<UInt8>) -> String {
        let characters = Base64URL.encode(octets).utf8.map { octet in
            switch octet {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: octet
            }
        }
        let padding = String(repeating: "=", count: (4 - characters.count % 4) % 4)
        return String(decoding: characters, as: UTF8.self) + padding
    }
}
