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
    /// At most one.
    private var second: [FormField<CredentialsForm>] = []

    /// - Parameter isSecond: it is the member `second_grant`, which has no other one in it.
    static func read(
        with reader: inout JSONReader, in text: Span<UInt8>, isSecond: Bool = false
    ) throws(JSONSyntaxError) -> FormField<CredentialsForm> {
        let first = reader.octet(in: text)
        guard first == .leftBrace else {
            try reader.skipValue(in: text)
            return first == UInt8(ascii: "n") ? .null : .wrong(.notRequest)
        }
        var form = CredentialsForm()
        try reader.openContainer()
        while let name = try reader.nextMember(in: text) {
            if !isSecond, name.matches("second_grant", in: text) {
                form.second = [try read(with: &reader, in: text, isSecond: true)]
            } else {
                try form.readMember(name, with: &reader, in: text)
            }
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
        let first = fields(at: [.name("credentials")], &issues)
        let idToken = token(idToken, "id_token", in: [.name("credentials")], &issues)
        let second = secondGrant(collecting: &issues)
        guard let first, issues.list.count == before else { return nil }
        return HeldCredentials(
            accessToken: first.accessToken, refreshToken: first.refreshToken, tokenType: first.tokenType,
            expiresAt: first.expiresAt, scope: first.scope, idToken: idToken, second: second)
    }

    private func secondGrant(collecting issues: inout ValidationIssues) -> HeldSecondGrant? {
        let place: [ValidationIssue.LocationElement] = [.name("credentials"), .name("second_grant")]
        switch second.first {
        case .value(let form)?: return form.fields(at: place, &issues)
        case .wrong(let fault)?: issues.add(fault.msg, fault.type, at: place)
        case .wrongInside?, .absent?, .null?, nil: break
        }
        return nil
    }

    /// What both grants have.
    private func fields(
        at place: [ValidationIssue.LocationElement], _ issues: inout ValidationIssues
    ) -> HeldSecondGrant? {
        let before = issues.list.count
        let accessToken = token(accessToken, "access_token", in: place, isRequired: true, &issues)
        let refreshToken = token(refreshToken, "refresh_token", in: place, &issues)
        let tokenType = token(
            tokenType, "token_type", in: place, limit: TokenResponseLimits.tokenType, &issues)
        let expiresAtText = issues.text(expiresAt, at: place + [.name("expires_at")])
        let expiresAt = expiresAtText.flatMap { Timestamp(dateTime: $0) }
        if expiresAtText != nil, expiresAt == nil {
            issues.add(
                "Input should be a valid datetime: RFC 3339, like 2026-01-01T00:00:00Z",
                "datetime_parsing", at: place + [.name("expires_at")])
        }
        let scope = token(
            scope, "scope", in: place, limit: TokenResponseLimits.scopes, mayBeEmpty: true, &issues)
        guard let accessToken, issues.list.count == before else { return nil }
        return HeldSecondGrant(
            accessToken: accessToken, refreshToken: refreshToken, tokenType: tokenType, expiresAt: expiresAt,
            scope: scope)
    }

    /// A text that can stand in a header (RFC 6749 Appendix A).
    private func token(
        _ field: FormField<String>, _ name: String, in parent: [ValidationIssue.LocationElement],
        isRequired: Bool = false, limit: Int = TokenResponseLimits.token, mayBeEmpty: Bool = false,
        _ issues: inout ValidationIssues
    ) -> String? {
        let place = parent + [.name(name)]
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
