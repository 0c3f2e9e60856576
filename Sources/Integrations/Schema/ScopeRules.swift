/// Whose scopes go into the authorization request.
package enum ScopeMode: String, Sendable, CaseIterable {
    /// The caller's, or the integration's defaults.
    case sent
    /// Always the integration's defaults, whatever the caller asks for.
    case fixed
    /// None: the provider has no scopes, or keeps them with the app.
    case none
}

/// A second list of scopes in a parameter of its own, such as Slack's `user_scope`.
package struct SecondScopeList: Sendable, Hashable {
    package let parameter: String
    /// A caller's scope with this prefix goes, without it, into the second list.
    package let prefix: String
}

/// How an integration's scopes are written and read.
package struct ScopeRules: Sendable, Hashable {
    package let mode: ScopeMode
    package let separator: String
    /// For providers that want a literal `+` between scopes, which percent-encoding would hide.
    package let isSeparatorUnencoded: Bool
    package let secondList: SecondScopeList?
    package let defaults: [String]
    /// Added to every request, such as the scope that makes the provider give a refresh token.
    package let required: [String]
    package let answerSeparator: String
}

extension ScopeRules {
    init(_ entry: SectionReader) {
        defaults = entry.strings("default_scopes") ?? []
        required = entry.strings("required_scopes") ?? []
        let section = entry.section("scope")
        mode = section.choice("mode", of: ScopeMode.self) ?? .sent
        separator = section.separator("separator") ?? " "
        isSeparatorUnencoded = section.flag("separator_unencoded") ?? false
        answerSeparator = section.separator("answer_separator") ?? separator
        let second = section.section("second_list")
        let parameter = second.string("parameter")
        let prefix = second.string("prefix")
        second.finish()
        if let parameter, let prefix {
            secondList = SecondScopeList(parameter: parameter, prefix: prefix)
        } else {
            secondList = nil
            if parameter != nil || prefix != nil {
                section.report("needs `parameter` and `prefix`", "second_list")
            }
        }
        if isSeparatorUnencoded, !["+", ","].contains(separator) {
            section.report("only `+` and `,` may stand in a query unencoded", "separator_unencoded")
        }
        if mode == .none, !(defaults + required).isEmpty {
            section.report("is `none`, and yet the entry lists scopes; remove one of the two", "mode")
        }
        if mode == .fixed, (defaults + required).isEmpty {
            section.report("is `fixed`, and the entry lists no scopes; say `none` if there are none", "mode")
        }
        section.finish()
    }

    /// Whether every request asks for a scope, whatever the caller wants.
    func always(_ scope: String) -> Bool {
        required.contains(scope) || mode == .fixed && defaults.contains(scope)
    }

    /// The scopes of a request, without doubles: the caller's or the defaults, and those always needed.
    package func requested(_ scopes: [String]) -> [String] {
        guard mode != .none else { return [] }
        var result: [String] = []
        let chosen = mode == .fixed || scopes.isEmpty ? defaults : scopes
        for scope in chosen + required where !result.contains(scope) { result.append(scope) }
        return result
    }
}

extension SectionReader {
    fileprivate func separator(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        guard text.utf8.count == 1, [" ", ",", "+", ";", "|", ":"].contains(text) else {
            report("must be one of: space, `,`, `+`, `;`, `|`, `:` (in quotes)", key)
            return nil
        }
        return text
    }
}
