internal import Encodings
internal import OAuth
internal import StateTokens

/// The member `credentials` of a request, while it is read. What else our own responses have in it is passed over.
struct CredentialsForm: Sendable {
    private var accessToken = FormField<String>.absent
    private var refreshToken = FormField<String>.absent
    private var tokenType = FormField<String>.absent
    private var expiresAt = FormField<String>.absent
    private var scope = FormField<String>.absent
    private var idToken = FormField<String>.absent

    static func read(
        with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> FormField<CredentialsForm> {
        let first = reader.octet(in: text)
        guard first == .leftBrace else {
            try reader.skipValue(in: text)
            return first == UInt8(ascii: "n") ? .null : .wrong(.notRequest)
        }
        var form = CredentialsForm()
        try reader.openContainer()
        while let name = try reader.nextMember(in: text) {
            try form.readMember(name, with: &reader, in: text)
        }
        return .value(form)
    }

    private mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("access_token", in: text) {
            accessToken = try reader.readStringField(in: text)
        } else if name.matches("refresh_token", in: text) {
            refreshToken = try reader.readStringField(in: text)
        } else if name.matches("token_type", in: text) {
            tokenType = try reader.readStringField(in: text)
        } else if name.matches("expires_at", in: text) {
            expiresAt = try reader.readStringField(in: text)
        } else if name.matches("scope", in: text) {
            scope = try reader.readStringField(in: text)
        } else if name.matches("id_token", in: text) {
            idToken = try reader.readStringField(in: text)
        } else {
            try reader.skipValue(in: text)
        }
    }

    /// - Returns: `nil` if a field is wrong; what is wrong is added to the issues.
    func credentials(collecting issues: inout ValidationIssues) -> HeldCredentials? {
        let before = issues.list.count
        let accessToken = token(accessToken, "access_token", isRequired: true, &issues)
        let refreshToken = token(refreshToken, "refresh_token", &issues)
        let tokenType = token(tokenType, "token_type", limit: TokenResponseLimits.tokenType, &issues)
        let expiresAtText = issues.text(expiresAt, at: Self.place("expires_at"))
        let expiresAt = expiresAtText.flatMap { Timestamp(rfc3339: $0) }
        if expiresAtText != nil, expiresAt == nil {
            issues.add(
                "Input should be a valid datetime: RFC 3339 in UTC, like 2026-01-01T00:00:00Z",
                "datetime_parsing", at: Self.place("expires_at"))
        }
        let scope = token(scope, "scope", limit: TokenResponseLimits.scopes, mayBeEmpty: true, &issues)
        let idToken = token(idToken, "id_token", &issues)
        guard let accessToken, issues.list.count == before else { return nil }
        return HeldCredentials(
            accessToken: accessToken, refreshToken: refreshToken, tokenType: tokenType, expiresAt: expiresAt,
            scope: scope, idToken: idToken)
    }

    private static func place(_ name: String) -> [ValidationIssue.LocationElement] {
        [.name("credentials"), .name(name)]
    }

    /// A text that can stand in a header (RFC 6749 Appendix A).
    private func token(
        _ field: FormField<String>, _ name: String, isRequired: Bool = false,
        limit: Int = TokenResponseLimits.token, mayBeEmpty: Bool = false, _ issues: inout ValidationIssues
    ) -> String? {
        let place = Self.place(name)
        guard let text = issues.text(field, at: place, isRequired: isRequired) else { return nil }
        if text.isEmpty, !mayBeEmpty {
            issues.add("String should have at least 1 character", "string_too_short", at: place)
        } else if text.utf8.count > limit {
            issues.add("String should have at most \(limit) characters", "string_too_long", at: place)
        } else if !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            issues.add(
                "String should have visible ASCII characters only", "string_pattern_mismatch", at: place)
        } else {
            return text
        }
        return nil
    }
}
