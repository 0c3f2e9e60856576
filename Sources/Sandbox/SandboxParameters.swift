internal import Encodings
internal import Integrations

/// The parameters of a request, from its query or from its form-encoded body.
struct SandboxParameters: Sendable {
    static let byteCountLimit = 16_384
    private static let countLimit = 64

    private let values: [String: [String]]

    /// - Returns: `nil` unless it is form-encoded UTF-8 of a reasonable size.
    init?(_ octets: [UInt8]) {
        guard octets.count <= Self.byteCountLimit else { return nil }
        let parts = octets.split(separator: UInt8(ascii: "&"))
        guard parts.count <= Self.countLimit else { return nil }
        var values: [String: [String]] = [:]
        for part in parts {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")),
                let name = PercentEncoding.decodeForm(part[..<equals]),
                let value = PercentEncoding.decodeForm(part[(equals + 1)...])
            else { return nil }
            values[name, default: []].append(value)
        }
        self.values = values
    }

    /// A parameter without a value counts as left out; so does a doubled one, of which none can be trusted
    /// (RFC 6749 §3.1, §3.2).
    subscript(name: String) -> String? {
        guard let given = values[name], given.count == 1, let value = given.first, !value.isEmpty else {
            return nil
        }
        return value
    }

    /// A parameter that comes more than once, which no request may have.
    var doubled: String? { values.filter { $0.value.count > 1 }.keys.min() }
}
