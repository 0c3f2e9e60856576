internal import Encodings

/// Why a callback's parameters cannot be used.
package enum CallbackError: Error, Equatable {
    /// More octets than any provider sends.
    case tooLarge
    /// Too many parameters, or one of those that are used comes twice, is not UTF-8 or is missing.
    case malformed(reason: String)
}

/// What came to the callback, from the query or from a `form_post` body. Nothing here is verified yet: it
/// needs no integration, so that the state can be opened before anything else is looked at.
package struct CallbackParameters: Sendable {
    package static let byteCountLimit = 16_384
    private static let countLimit = 100
    private static let standardNames = ["code", "state", "iss", "error"]

    /// As it came, for signatures.
    let octets: [UInt8]
    private let fields: [FormFields.Field]

    /// Reads the parameters as a browser would. Only those that are used are judged: the ones that decide how the flow
    /// goes on may come once (RFC 6749 §3.1) and are looked at here, others when they are asked for. What else a provider
    /// sends, and how it is spelled, ends no flow.
    package static func parse(_ octets: [UInt8]) throws(CallbackError) -> CallbackParameters {
        guard octets.count <= byteCountLimit else { throw .tooLarge }
        guard let fields = FormFields.parse(octets, countLimit: countLimit) else {
            throw .malformed(reason: "there are more than \(countLimit) parameters")
        }
        for name in standardNames where fields.count(where: { $0.name == name }) > 1 {
            throw .malformed(reason: "`\(name)` comes twice")
        }
        return CallbackParameters(octets: octets, fields: fields)
    }

    package var state: String? { first("state") }
    /// RFC 9207 §2.
    package var issuer: String? { first("iss") }
    package var error: String? { first("error") }

    /// An empty value is none (RFC 6749 §3.1).
    func value(_ name: String) throws(CallbackError) -> String? {
        let found = fields.filter { $0.name == name }
        guard found.count <= 1 else { throw .malformed(reason: "`\(name)` comes twice") }
        guard let field = found.first, !field.value.isEmpty else { return nil }
        // With other octets in place of some, it would be another value.
        guard field.isUTF8 else { throw .malformed(reason: "`\(name)` is not UTF-8") }
        return field.value
    }

    /// Words for a person: the first of them, with U+FFFD in place of what is not UTF-8.
    func text(_ name: String) -> String? { first(name) }

    private func first(_ name: String) -> String? {
        fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }
}

/// Codes and states are in here: printing or reflecting it shows nothing.
extension CallbackParameters: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(callback parameters)" }
    package var debugDescription: String { "(callback parameters)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
