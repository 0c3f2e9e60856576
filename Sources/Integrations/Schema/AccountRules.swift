/// Where the provider's own name for the account lies: in the token response, under `claims.` in the ID token, under
/// `callback.` in what came to the callback, or under `lookup.` in the response to a request of its own.
package struct AccountRules: Sendable, Hashable {
    /// Of these the first whose parts are all there names the account.
    package let id: [AccountName]
    package let label: [ResponsePath]
    /// What else the connection keeps of the account, by the name that it gets in `config`.
    package let fields: [AccountField]
    package let lookup: AccountLookup?
    package let uniqueness: AccountUniqueness
}

/// Where an account's id is no other account's.
package enum AccountUniqueness: String, Sendable, CaseIterable {
    /// At one server or tenant: where the parameters lead that stand in host or path of the endpoints.
    case tenant
    /// Everywhere: the id names the tenant itself, or the parameters say nothing of whose account it is.
    case provider
}

/// A value that a connection keeps in its configuration.
package struct AccountField: Sendable, Hashable {
    package let name: String
    package let paths: [ResponsePath]
}

/// An account's name, made of one part or more: an account is as narrow as its token, so a token that is one
/// member's of a team is named by team and member.
package struct AccountName: Sendable, Hashable {
    /// Each part lies at the first of its paths that leads anywhere.
    package let parts: [[ResponsePath]]

    /// Joins the parts, so that different parts never make the same name.
    package static func joined(_ parts: [String]) -> String {
        guard parts.count > 1 else { return parts.first ?? "" }
        return parts.map { $0.replacing("%", with: "%25").replacing(":", with: "%3A") }.joined(separator: ":")
    }
}

extension AccountRules {
    init(
        _ entry: SectionReader, parameters: [TemplateParameter], callback: CallbackRules,
        response: ResponseRules, tokenEndpoint: URLTemplate?, allowsInsecureLoopback: Bool
    ) {
        let section = entry.section("account")
        id = section.accountNames("id")
        label = section.paths("label") ?? []
        uniqueness = section.choice("unique_within", of: AccountUniqueness.self) ?? .tenant
        let fields = section.section("fields")
        self.fields = fields.keys.compactMap { name in
            fields.paths(name).map { AccountField(name: name, paths: $0) }
        }
        let kept = Self.kept(callback, response)
        for field in self.fields where kept.contains(field.name) || parameters.contains(named: field.name) {
            fields.report("is the name of a parameter or of a kept field already", field.name)
        }
        lookup =
            section.node("lookup") == nil
            ? nil
            : AccountLookup(
                section.section("lookup"), parameters: parameters, kept: kept, tokenEndpoint: tokenEndpoint,
                allowsInsecureLoopback: allowsInsecureLoopback)
        let groups = [
            ("id", id.flatMap { $0.parts.flatMap { $0 } }), ("label", label),
            ("fields", self.fields.flatMap(\.paths)),
        ]
        for (key, paths) in groups {
            if section.node("lookup") == nil, paths.contains(where: \.leadsIntoLookup) {
                section.report("has a path under `lookup.`, and the account has no `lookup`", key)
            }
            for field in paths.compactMap(\.callbackField) {
                // The user's browser sends the callback, so the user could claim another account's name.
                guard callback.fields.contains(field), callback.expected.contains(where: { $0.name == field })
                else {
                    section.report(
                        "`callback.\(field)` must be one of callback.fields and callback.expected", key)
                    continue
                }
            }
        }
        section.finish()
    }

    /// The fields that the entry keeps and that a call may name.
    static func kept(_ callback: CallbackRules, _ response: ResponseRules) -> [String] {
        callback.fields + response.fields.filter { $0.names.count == 1 }.map(\.description)
    }

    /// The alternatives that count for a token that lay at `index` of `count` places: where each place has one of its
    /// own, and one of them has several parts, that one alone.
    package func names(index: Int, of count: Int) -> [AccountName] {
        guard count > 1, id.count == count, id.contains(where: { $0.parts.count > 1 }) else { return id }
        return [id[index]]
    }
}

extension [TemplateParameter] {
    fileprivate func contains(named name: String) -> Bool { contains { $0.name == name } }
}

extension ResponsePath {
    package var leadsIntoLookup: Bool { names.first == "lookup" }

    /// Whether it leads into the ID token.
    package var leadsIntoClaims: Bool { names.first == "claims" }

    /// The field of the callback that it leads to, if it does.
    package var callbackField: String? {
        names.count == 2 && names[0] == "callback" ? names[1] : nil
    }
}

extension SectionReader {
    /// A path, or a list of alternatives, each a path or a list of paths that belong together; `a|b` is the first of
    /// two that leads anywhere.
    fileprivate func accountNames(_ key: String) -> [AccountName] {
        guard let node = node(key) else { return [] }
        let advice =
            "must be a path like `team.id`, a list of such, or a list of lists of paths that belong together"
        var alternatives = [node]
        if case .sequence(let elements) = node.content { alternatives = elements }
        let names = alternatives.compactMap { alternative -> AccountName? in
            var parts = [alternative]
            if case .sequence(let elements) = alternative.content { parts = elements }
            let paths = parts.map { part in
                (part.text ?? "").split(separator: "|", omittingEmptySubsequences: false)
                    .map { ResponsePath(String($0)) }
            }
            guard !paths.isEmpty, paths.allSatisfy({ $0.allSatisfy { $0 != nil } }) else { return nil }
            return AccountName(parts: paths.map { $0.compactMap(\.self) })
        }
        if names.isEmpty || names.count < alternatives.count { report(advice, key) }
        return names
    }
}
