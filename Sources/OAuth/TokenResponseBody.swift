internal import Encodings
internal import Integrations

/// A token response's body, in either of the two formats that providers use.
enum TokenResponseBody {
    private static let depthLimit = 32
    private static let fieldLimit = 1_000

    /// The content type is believed only where the body does not speak for itself.
    static func parse(_ body: [UInt8], contentType: String?) throws(TokenError) -> JSONValue {
        let body = JSONValue.inUTF8(body)
        let first = body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        let type = contentType?.lowercased() ?? ""
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || type.contains("json") {
            do {
                return try JSONValue.parse(Array(body), depthLimit: depthLimit)
            } catch {
                if let form = mislabelledForm(body, first: first) { return form }
                throw .unusable(reason: "the answer is not JSON")
            }
        }
        // An HTML page: proxies send one in a provider's place.
        guard first != UInt8(ascii: "<") else { throw notReadable }
        return try form(Array(body))
    }

    /// A form that is said to be JSON; it begins with a name.
    private static func mislabelledForm(_ body: ArraySlice<UInt8>, first: UInt8?) -> JSONValue? {
        guard let first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else { return nil }
        do {
            return try form(Array(body))
        } catch {
            return nil
        }
    }

    private static var notReadable: TokenError { .unusable(reason: "the answer is neither JSON nor a form") }

    /// Of a name that comes twice the first value counts, as in browsers and Go.
    private static func form(_ body: [UInt8]) throws(TokenError) -> JSONValue {
        guard body.contains(UInt8(ascii: "=")), let fields = FormFields.parse(body, countLimit: fieldLimit)
        else { throw notReadable }
        let members = fields.map { ($0.name, JSONValue.string($0.value)) }
        return .object(Dictionary(members) { first, _ in first })
    }
}
