/// Where the provider's own name for the account lies: in the token response, under `claims.` in the ID token, or
/// under `callback.` in what came to the callback.
package struct AccountRules: Sendable, Hashable {
    package let id: [ResponsePath]
    package let label: [ResponsePath]
}

extension AccountRules {
    init(_ entry: SectionReader, callback: CallbackRules) {
        let section = entry.section("account")
        id = section.paths("id") ?? []
        label = section.paths("label") ?? []
        for (key, paths) in [("id", id), ("label", label)] {
            for field in paths.compactMap(\.callbackField) {
                // Whoever holds the browser writes the callback, and could take the name of another account.
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

    /// The account as the callback's kept fields name it, where the token response did not.
    package func id(inCallback fields: [String: String]) -> String? { Self.first(of: id, in: fields) }

    package func label(inCallback fields: [String: String]) -> String? { Self.first(of: label, in: fields) }

    private static func first(of paths: [ResponsePath], in fields: [String: String]) -> String? {
        paths.lazy.compactMap { $0.callbackField.flatMap { fields[$0] } }.first
    }
}

extension ResponsePath {
    fileprivate var callbackField: String? {
        names.count == 2 && names[0] == "callback" ? names[1] : nil
    }
}
