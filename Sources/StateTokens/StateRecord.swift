/// The record inside a state token: the octets of a ``FlowState``, as the page <doc:Format> lays them out.
enum StateRecord {
    static let maximumByteCount = 1024
    static let version: UInt8 = 1
    /// Not written when a state has it.
    static let defaultAuthMethodID = "oauth2"

    /// What may be left out, each with its bit.
    struct Fields: OptionSet {
        let rawValue: UInt16

        static let lifetime = Fields(rawValue: 1 << 0)
        static let authMethod = Fields(rawValue: 1 << 1)
        static let user = Fields(rawValue: 1 << 2)
        static let scopes = Fields(rawValue: 1 << 3)
        static let redirectURI = Fields(rawValue: 1 << 4)
        static let codeVerifier = Fields(rawValue: 1 << 5)
        static let parameters = Fields(rawValue: 1 << 6)
        static let binding = Fields(rawValue: 1 << 7)
        static let traceID = Fields(rawValue: 1 << 8)
        static let connection = Fields(rawValue: 1 << 9)
        static let appState = Fields(rawValue: 1 << 10)
        static let known = Fields(rawValue: 1 << 11 - 1)
    }

    /// Whether text is a scope value (RFC 6749 §3.3), or part of one.
    static func isScopeText(_ text: Span<UInt8>) -> Bool {
        // Without a branch, so that it is done for many octets at once.
        var bad: UInt8 = 0
        for index in text.indices {
            let octet = unsafe text[unchecked: index]
            let isBad: UInt8 =
                (octet &- 0x21 > 0x5d ? 1 : 0) | (octet == 0x22 ? 1 : 0) | (octet == 0x5c ? 1 : 0)
            bad |= isBad
        }
        return bad == 0
    }

    /// Whether text is the name of a parameter: visible ASCII, so that different octets are different names.
    static func isParameterName(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        for index in text.indices where !(0x21...0x7e).contains(text[index]) { return false }
        return true
    }
}

/// Why octets are not a record. (They were written by a holder of the key, so no caller outside learns more than that.)
enum StateRecordError: Error {
    /// A version or a flag that this code does not know.
    case unknownVersion
    /// Too short, too long, or a value that the format does not allow.
    case invalid
}
