internal import Encodings
internal import Integrations

/// A token endpoint's body in either of the two formats that providers use.
enum AnswerBody {
    private static let depthLimit = 32
    private static let fieldLimit = 1_000

    /// The content type is believed only where the body does not speak for itself.
    static func parse(_ body: [UInt8], contentType: String?) throws(TokenError) -> JSONValue {
        let first = body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        let type = contentType?.lowercased() ?? ""
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || type.contains("json") {
            do {
                return try JSONValue.parse(body, depthLimit: depthLimit)
            } catch {
                throw .unusable(reason: "the answer is not JSON")
            }
        }
        return try form(body)
    }

    private static func form(_ body: [UInt8]) throws(TokenError) -> JSONValue {
        guard let fields = FormFields.parse(body, countLimit: fieldLimit) else {
            throw .unusable(reason: "the answer is neither JSON nor a form")
        }
        var members: [String: JSONValue] = [:]
        for field in fields {
            guard members.updateValue(.string(field.value), forKey: field.name) == nil else {
                throw .unusable(reason: "the answer names a field twice")
            }
        }
        return .object(members)
    }
}
