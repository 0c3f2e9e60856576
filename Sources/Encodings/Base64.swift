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

    /// The octets of a text with its padding, or `nil` if it is not exactly what `encode` would give.
    package static func decode(_ text: String) -> [UInt8]? {
        let octets = Array(text.utf8)
        guard octets.count.isMultiple(of: 4) else { return nil }
        let padding = octets.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var unpadded: [UInt8] = []
        unpadded.reserveCapacity(octets.count)
        for octet in octets.dropLast(padding) {
            switch octet {
            case UInt8(ascii: "+"): unpadded.append(UInt8(ascii: "-"))
            case UInt8(ascii: "/"): unpadded.append(UInt8(ascii: "_"))
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: unpadded.append(octet)
            }
        }
        return Base64URL.decode(String(decoding: unpadded, as: UTF8.self))
    }
}
