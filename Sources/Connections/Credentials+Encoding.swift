import Encodings
import StateTokens

/// The octets that are sealed:
///
///     01 | flags (1) | access token | token type | raw | optional fields, in the order of their flags
///
/// The last of them, the second grant, is again
///
///     flags (1) | access token | token type | issued at | optional fields, in the order of their flags
///
/// It is there only where there is a second grant, so that all other octets are what they always were. A text is its length in 4 octets and its UTF-8 octets; a time is 8 octets, seconds since 1970. All big
/// endian.
extension Credentials {
    private static let version: UInt8 = 1

    private struct Fields: OptionSet {
        let rawValue: UInt8
        static let refreshToken = Fields(rawValue: 1)
        static let expiresAt = Fields(rawValue: 2)
        static let scope = Fields(rawValue: 4)
        static let idToken = Fields(rawValue: 8)
        static let second = Fields(rawValue: 16)
        static let all: Fields = [.refreshToken, .expiresAt, .scope, .idToken, .second]
    }

    /// The optional fields that are known, a bit each.
    package static var knownFields: UInt8 { Fields.all.rawValue }

    var encoded: [UInt8] {
        var fields: Fields = []
        if refreshToken != nil { fields.insert(.refreshToken) }
        if expiresAt != nil { fields.insert(.expiresAt) }
        if scope != nil { fields.insert(.scope) }
        if idToken != nil { fields.insert(.idToken) }
        if second != nil { fields.insert(.second) }

        var writer = OctetWriter()
        writer.append(Self.version)
        writer.append(fields.rawValue)
        writer.append(text: accessToken)
        writer.append(text: tokenType)
        writer.append(text: raw)
        if let refreshToken { writer.append(text: refreshToken) }
        if let expiresAt { writer.append(expiresAt.secondsSinceEpoch) }
        if let scope { writer.append(text: scope) }
        if let idToken { writer.append(text: idToken) }
        second?.write(to: &writer)
        return writer.octets
    }

    init(encoded octets: [UInt8]) throws(CredentialError) {
        var reader = OctetReader(octets)
        guard let version = reader.octet() else { throw .malformed }
        guard version == Self.version else { throw .unknownVersion(version) }
        guard let flags = reader.octet(), Fields.all.isSuperset(of: Fields(rawValue: flags)) else {
            throw .malformed
        }
        let fields = Fields(rawValue: flags)
        func text() throws(CredentialError) -> String {
            guard let text = reader.text() else { throw .malformed }
            return text
        }
        func time() throws(CredentialError) -> Timestamp {
            guard let seconds = reader.integer(Int64.self) else { throw .malformed }
            return Timestamp(secondsSinceEpoch: seconds)
        }
        let accessToken = try text()
        let tokenType = try text()
        let raw = try text()
        let refreshToken = fields.contains(.refreshToken) ? try text() : nil
        let expiresAt = fields.contains(.expiresAt) ? try time() : nil
        let scope = fields.contains(.scope) ? try text() : nil
        let idToken = fields.contains(.idToken) ? try text() : nil
        let second = fields.contains(.second) ? try SecondCredentials(&reader) : nil
        guard reader.isAtEnd else { throw .malformed }
        self.init(
            accessToken: accessToken, refreshToken: refreshToken, tokenType: tokenType, expiresAt: expiresAt,
            scope: scope, idToken: idToken, raw: raw, second: second)
    }
}

extension SecondCredentials {
    private struct Fields: OptionSet {
        let rawValue: UInt8
        static let refreshToken = Fields(rawValue: 1)
        static let expiresAt = Fields(rawValue: 2)
        static let scope = Fields(rawValue: 4)
        static let isExpiryStated = Fields(rawValue: 8)
        static let hasEnded = Fields(rawValue: 16)
        static let all: Fields = [.refreshToken, .expiresAt, .scope, .isExpiryStated, .hasEnded]
    }

    fileprivate func write(to writer: inout OctetWriter) {
        var fields: Fields = []
        if refreshToken != nil { fields.insert(.refreshToken) }
        if expiresAt != nil { fields.insert(.expiresAt) }
        if scope != nil { fields.insert(.scope) }
        if isExpiryStated { fields.insert(.isExpiryStated) }
        if hasEnded { fields.insert(.hasEnded) }
        writer.append(fields.rawValue)
        writer.append(text: accessToken)
        writer.append(text: tokenType)
        writer.append(issuedAt.secondsSinceEpoch)
        if let refreshToken { writer.append(text: refreshToken) }
        if let expiresAt { writer.append(expiresAt.secondsSinceEpoch) }
        if let scope { writer.append(text: scope) }
    }

    fileprivate init(_ reader: inout OctetReader) throws(CredentialError) {
        guard let flags = reader.octet(), Fields.all.isSuperset(of: Fields(rawValue: flags)),
            let accessToken = reader.text(), let tokenType = reader.text(),
            let issuedAt = reader.integer(Int64.self)
        else { throw .malformed }
        let fields = Fields(rawValue: flags)
        let refreshToken = fields.contains(.refreshToken) ? reader.text() : nil
        let expiresAt = fields.contains(.expiresAt) ? reader.integer(Int64.self) : nil
        let scope = fields.contains(.scope) ? reader.text() : nil
        guard fields.contains(.refreshToken) == (refreshToken != nil),
            fields.contains(.expiresAt) == (expiresAt != nil), fields.contains(.scope) == (scope != nil)
        else { throw .malformed }
        self.init(
            accessToken: accessToken, refreshToken: refreshToken, tokenType: tokenType,
            issuedAt: Timestamp(secondsSinceEpoch: issuedAt),
            expiresAt: expiresAt.map { Timestamp(secondsSinceEpoch: $0) },
            isExpiryStated: fields.contains(.isExpiryStated), scope: scope,
            hasEnded: fields.contains(.hasEnded))
    }
}
