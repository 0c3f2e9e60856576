/// What an integration's authorization response carries (RFC 6749 §4.1.2).
package struct CallbackRules: Sendable, Hashable {
    package let codeParameter: String
    /// Further fields to keep with the connection, such as a realm or an account.
    package let fields: [String]
    /// Where the provider names the granted scopes in the callback and not in the token response.
    package let scopeParameter: String?
    /// Fields whose value is known beforehand: another value is another provider's, or another account's.
    package let expected: [NamedTemplate]
    package let signature: CallbackSignature?
}

/// How a provider signs what it sends to the callback.
package struct CallbackSignature: Sendable, Hashable {
    package enum Method: String, Sendable, CaseIterable {
        /// HMAC-SHA-256 under the client secret, in hexadecimal, over all other parameters as they are written,
        /// sorted and joined by `&`.
        case sortedHMACSHA256 = "sorted_hmac_sha256"
    }

    package let method: Method
    package let parameter: String
}

extension CallbackRules {
    private static let reserved = ["state", "iss", "code", "access_token", "id_token"]

    init(_ entry: SectionReader, parameters: [TemplateParameter]) {
        let section = entry.section("callback")
        codeParameter = section.string("code_parameter") ?? "code"
        scopeParameter = section.string("scope_parameter")
        fields = section.strings("fields") ?? []
        expected = section.templates("expected", parameters: parameters)
        signature = CallbackSignature(section)
        for name in ["state", "iss", "error", "access_token", "id_token"] where codeParameter == name {
            section.report("`\(name)` cannot carry the code", "code_parameter")
        }
        for name in fields where Self.reserved.contains(name) {
            section.report("`\(name)` is not for keeping; remove it", "fields")
        }
        for template in expected where Self.reserved.contains(template.name) {
            section.report("`\(template.name)` is checked by the flow itself; remove it", "expected")
        }
        for parameter in parameters {
            guard let field = parameter.callbackField, !fields.contains(field) else { continue }
            section.report(
                "must name `\(field)`, from which the parameter `\(parameter.name)` is filled", "fields")
        }
        section.finish()
    }
}

extension CallbackSignature {
    fileprivate init?(_ callback: SectionReader) {
        guard callback.node("signature") != nil else { return nil }
        let section = callback.section("signature")
        let method = section.choice("method", of: Method.self)
        let parameter = section.string("parameter")
        for key in ["method", "parameter"] where section.node(key) == nil {
            section.report("is needed", key)
        }
        section.finish()
        guard let method, let parameter else { return nil }
        self.method = method
        self.parameter = parameter
    }
}
