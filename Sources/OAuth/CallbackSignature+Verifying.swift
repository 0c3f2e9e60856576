internal import Cryptography
internal import Encodings
internal import Integrations

extension CallbackParameters {
    /// Whether the fields that are known beforehand are as they must be, and the provider's signature holds, where
    /// the integration has such. An error response may lack both, because it carries nothing that could be used.
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
        do throws(CryptographyError) {
            let code = try HashFunction.sha256.hmac(of: message.span, key: secret.utf8.span)
            return constantTimeEqual(code.span, tag.span)
        } catch {
            return false
        }
    }
}
