package import Encodings
package import Integrations
internal import JSONWebTokens

extension TokenResponse {
    /// Whose account it is, as far as response, ID token, look-up and the kept fields of the callback say.
    ///
    /// - Parameter lookup: the response to the entry's look-up; `nil` if it has none, or if it failed.
    package func account(
        of integration: ConfiguredIntegration, callbackFields: [String: String] = [:],
        lookup: JSONValue? = nil
    ) -> Account {
        let rules = integration.integration
        let index = Self.accessTokenIndex(in: raw, rules.response.accessToken) ?? 0
        let names = rules.account.names(index: index, of: rules.response.accessToken.count)
        return AccountReader(self, callbackFields: callbackFields, lookup: lookup)
            .account(names: names, label: rules.account.label)
    }

    /// What the entry keeps of the account beside its name. A value that is too long to keep, or that no store keeps, is
    /// left out.
    package func accountFields(
        of integration: ConfiguredIntegration, callbackFields: [String: String] = [:],
        lookup: JSONValue? = nil
    ) -> [String: String] {
        let reader = AccountReader(self, callbackFields: callbackFields, lookup: lookup)
        var fields: [String: String] = [:]
        for field in integration.integration.account.fields {
            guard let value = field.paths.lazy.compactMap(reader.value).first else { continue }
            let text = value.text ?? String(decoding: value.bytes, as: UTF8.self)
            guard text.utf8.count <= TokenResponseLimits.field, !text.utf8.contains(0) else { continue }
            fields[field.name] = text
        }
        return fields
    }
}

/// Finds what a provider says of an account.
private struct AccountReader {
    /// A look-up that failed would have said it.
    private struct Unknown: Error {}

    private let answer: JSONValue
    private let claims: JSONValue?
    private let callbackFields: [String: String]
    private let lookup: JSONValue?

    /// Paths under `claims.` lead into the ID token. It came from the token endpoint over TLS, which stands
    /// in for its signature (OpenID Connect Core §3.1.3.7 item 6).
    init(_ response: TokenResponse, callbackFields: [String: String], lookup: JSONValue?) {
        answer = response.raw
        // An account's name is a convenience; without it the connection is still good.
        claims = response.idToken.flatMap { JSONWebTokenClaims(unverified: $0)?.json }
        self.callbackFields = callbackFields
        self.lookup = lookup
    }

    func account(names: [AccountName], label: [ResponsePath]) -> TokenResponse.Account {
        let label = label.lazy.compactMap(text).first
        do throws(Unknown) {
            for name in names {
                var parts: [String] = []
                for paths in name.parts {
                    guard let part = try part(paths) else { break }
                    parts.append(part)
                }
                guard parts.count == name.parts.count else { continue }
                return TokenResponse.Account(id: AccountName.joined(parts), label: label)
            }
        } catch {
            // The next alternative would name the same account otherwise than before, and so make it another one.
            return TokenResponse.Account(id: nil, label: label)
        }
        return TokenResponse.Account(id: nil, label: label)
    }

    private func part(_ paths: [ResponsePath]) throws(Unknown) -> String? {
        for path in paths {
            if path.leadsIntoLookup, lookup == nil { throw Unknown() }
            if let text = text(path) { return text }
        }
        return nil
    }

    private func text(_ path: ResponsePath) -> String? {
        guard let text = value(path)?.text, !text.isEmpty else { return nil }
        // The token response's own values were checked when it was read.
        guard path.leadsIntoLookup else { return text }
        return text.utf8.count <= TokenResponseLimits.accountID && !text.utf8.contains(0) ? text : nil
    }

    func value(_ path: ResponsePath) -> JSONValue? {
        if let field = path.callbackField { return callbackFields[field].map { .string($0) } }
        guard path.leadsIntoLookup || path.names.first == "claims" else { return answer[path] }
        guard let inner = ResponsePath(path.names.dropFirst().joined(separator: ".")) else {
            return path.leadsIntoLookup ? nil : answer[path]
        }
        return path.leadsIntoLookup ? lookup?[inner] : claims?[inner]
    }
}
