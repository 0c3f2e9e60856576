/// Queries and forms as a provider or an app reads them, by other code than what is tested.
enum Query {
    static func fields(_ text: String) -> [String: String] {
        Dictionary(pairs(text), uniquingKeysWith: { first, _ in first })
    }

    static func pairs(_ text: String) -> [(String, String)] {
        text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(sides[0]), sides.count > 1 ? decoded(sides[1]) : "")
        }
    }

    /// What stands before the `?`, and the fields behind it.
    static func parse(url: String) -> (base: String, fields: [String: String], count: Int) {
        let sides = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = sides.count > 1 ? String(sides[1]) : ""
        return (String(sides[0]), fields(query), pairs(query).count)
    }

    /// Everything but letters and digits is percent-encoded.
    static func encoded(_ text: String) -> String {
        text.utf8.map { octet in
            let isPlain =
                (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet)
                || (0x61...0x7a).contains(octet)
            let digits = String(octet, radix: 16)
            return isPlain
                ? String(decoding: [octet], as: UTF8.self)
                : "%" + String(repeating: "0", count: 2 - digits.count) + digits
        }.joined()
    }

    private static func decoded(_ text: Substring) -> String {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                octets.append(value)
                rest = rest.dropFirst(2)
            } else {
                octets.append(octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
