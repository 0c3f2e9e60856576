/// What an integration's authorization response carries (RFC 6749 §4.1.2).
package struct CallbackRules: Sendable, Hashable {
    package let codeParameter: String
    /// Further fields to keep with the connection, such as a realm or an account.
    package let fields: [String]
    /// Where the provider names the granted scopes in the callback and not in the token response.
    package let scopeParameter: String?
}

extension CallbackRules {
    init(_ entry: SectionReader, parameters: [TemplateParameter]) {
        let section = entry.section("callback")
        codeParameter = section.string("code_parameter") ?? "code"
        scopeParameter = section.string("scope_parameter")
        fields = section.strings("fields") ?? []
        for name in ["state", "iss", "error", "access_token", "id_token"] where codeParameter == name {
            section.report("`\(name)` cannot carry the code", "code_parameter")
        }
        for name in fields where ["state", "iss", "code", "access_token", "id_token"].contains(name) {
            section.report("`\(name)` is not for keeping; remove it", "fields")
        }
        for parameter in parameters {
            guard let field = parameter.callbackField, !fields.contains(field) else { continue }
            section.report(
                "must name `\(field)`, from which the parameter `\(parameter.name)` is filled", "fields")
        }
        section.finish()
    }
}
