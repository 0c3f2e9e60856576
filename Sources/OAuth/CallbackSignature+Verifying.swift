internal import Cryptography
internal import Integrations

extension CallbackParameters {
    /// Whether the fields that are known beforehand are as they must be, and the provider's signature holds, where
    /// the integration has such. An error answer may do without either: it brings nothing that could be used.
    func isSigned(
        for integration: ConfiguredIntegration, endpoints: Endpoints
    ) throws(CallbackError) -> Bool {
        let rules = integration.integration.callback
        let isError = error != nil
        for field in rules.expected {
            let value = try value(field.name)
            if value == nil, isError { continue }
            guard value == field.value.filled(endpoints.values) else { return false }
        }
        guard let signature = rules.signature else { return true }
        guard let given = try value(signature.parameter) else { return isError }
        guard let secret = integration.clientSecret?.exposed else { return false }
        switch signature.method {
        case .sortedHMACSHA256: return holds(given, over: signed(without: signature.parameter), secret)
        }
    }

    /// The parameters as they are written, in the order of their octets.
    private func signed(without name: String) -> [UInt8] {
        let own = Array("\(name)=".utf8)
        let parts = octets.split(separator: UInt8(ascii: "&")).filter { !$0.starts(with: own) }
        return Array(parts.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [UInt8(ascii: "&")]))
    }

    private func holds(_ given: String, over message: [UInt8], _ secret: String) -> Bool {
        guard let tag = Hexadecimal.decode(given) else { return false }
        var key = Array(secret.utf8)
        // RFC 2104 §2: a key that is longer than a block is hashed first.
        if key.count > 64 { key = SHA256.digest(key.span) }
        do throws(CryptographyError) {
            let code = try HMACSHA256(key: key.span)
            code.start()
            code.update(message.span)
            return code.finish(matches: tag.span)
        } catch {
            return false
        }
    }
}

/// Octets as pairs of hexadecimal digits.
private enum Hexadecimal {
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
