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

/// What a scope allows, as the provider's documentation says it, in few words.
package struct ScopeMeaning: Sendable, Hashable {
    package let scope: String
    package let meaning: String
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
    /// Those of the defaults and the required that hold parameters, by what the entry has.
    package let templates: [String: Template]
    /// In the order of the entry; the provider may have more.
    package let meanings: [ScopeMeaning]

    /// The parameters that stand in a scope.
    var parameterNames: [String] { templates.values.flatMap(\.parameterNames) }
}

extension ScopeRules {
    init(_ entry: SectionReader, parameters declared: [TemplateParameter]) {
        defaults = entry.strings("default_scopes") ?? []
        required = entry.strings("required_scopes") ?? []
        var templates: [String: Template] = [:]
        for (key, scopes) in [("default_scopes", defaults), ("required_scopes", required)] {
            for scope in scopes where scope.utf8.contains(UInt8(ascii: "{")) {
                templates[scope] = entry.template(scope, key, parameters: declared)
            }
        }
        self.templates = templates
        let section = entry.section("scope")
        mode = section.choice("mode", of: ScopeMode.self) ?? .sent
        separator = section.separator("separator") ?? " "
        isSeparatorUnencoded = section.flag("separator_unencoded") ?? false
        answerSeparator = section.separator("answer_separator") ?? separator
        // An heir without scopes has nothing to explain.
        let meanings = section.meanings("allows")
        self.meanings = mode == .none ? [] : meanings
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
        let chosen = mode == .fixed || scopes.isEmpty ? defaults : scopes
        var result: [String] = []
        result.reserveCapacity(chosen.count + required.count)
        for scope in chosen where !result.contains(scope) { result.append(scope) }
        for scope in required where !result.contains(scope) { result.append(scope) }
        return result
    }
}

// MARK: Comparing

extension ScopeRules {
    /// The scopes that were asked for and are not among those that were granted.
    ///
    /// Providers write some scopes otherwise than they are asked for: with the URL of their API before them
    /// (`https://graph.microsoft.com/Mail.Read`), and OpenID Connect's own (§5.4) by names of theirs
    /// (`https://www.googleapis.com/auth/userinfo.email`). These count as granted. `offline_access` is not compared: what
    /// it grants is the refresh token. Nor are the scopes of a second list, since a response may leave that list out.
    /// - Parameter rules: the integration's; `nil` where they are not known.
    package static func missing(
        requested: [String], granted: [String], under rules: ScopeRules?
    ) -> [String] {
        // As a rule all was granted.
        guard rules?.mode != ScopeMode.none, requested != granted else { return [] }
        let prefix = rules?.secondList?.prefix
        return requested.filter { scope in
            if scope == "offline_access" { return false }
            if let prefix, scope.hasPrefix(prefix) { return false }
            return !granted.contains { isSame($0, as: scope) }
        }
    }

    /// The scopes that were asked for in the second list and are not in the second grant's scope, without their prefix.
    ///
    /// - Parameter scope: the second grant's; `nil` means as asked (RFC 6749 §5.1).
    package func missing(fromSecondList scope: String?, requested: [String]) -> [String] {
        guard let prefix = secondList?.prefix, let scope else { return [] }
        let granted = scope.split(separator: " ").map(String.init)
        return requested.compactMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
            .filter { scope in !granted.contains { Self.isSame($0, as: scope) } }
    }

    /// The scopes that a ceiling does not cover. What every request asks for is covered, and so is `offline_access`; a scope
    /// may be written as providers write them, as in ``missing(requested:granted:under:)``.
    ///
    /// - Parameter rules: the integration's; `nil` where they are not known.
    package static func beyond(
        _ scopes: [String], ceiling: [String], under rules: ScopeRules?
    ) -> [String] {
        let covered = ceiling + (rules?.required ?? []) + ["offline_access"]
        return scopes.filter { scope in !covered.contains { isSame(scope, as: $0) } }
    }

    private static let claims: Set<String> = ["openid", "profile", "email", "address", "phone"]

    private static func isSame(_ granted: String, as requested: String) -> Bool {
        if granted == requested { return true }
        guard granted.hasPrefix("https://") else { return false }
        return granted.hasSuffix("/" + requested)
            || claims.contains(requested) && granted.hasSuffix("." + requested)
    }
}

extension SectionReader {
    /// Scopes and what they allow.
    fileprivate func meanings(_ key: String) -> [ScopeMeaning] {
        let section = section(key)
        return section.keys.compactMap { scope in
            guard let meaning = section.string(scope) else { return nil }
            // RFC 6749 §3.3.
            let isScope = scope.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            guard isScope else {
                section.report("is no scope: visible ASCII, without quotes and backslashes", scope)
                return nil
            }
            return ScopeMeaning(scope: scope, meaning: meaning)
        }
    }

    fileprivate func separator(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        guard text.utf8.count == 1, [" ", ",", "+", ";", "|", ":"].contains(text) else {
            report("must be one of: space, `,`, `+`, `;`, `|`, `:` (in quotes)", key)
            return nil
        }
        return text
    }
}
