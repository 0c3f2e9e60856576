/// Whose account at the provider a connection is for.
package struct ProviderAccount: Sendable, Hashable {
    /// The provider's own id, which never changes.
    package let id: String
    /// A name for people, such as an email address.
    package let label: String?

    package init(id: String, label: String?) {
        self.id = id
        self.label = label
    }
}

extension ProviderAccount {
    /// Whether an account is the one that a row names.
    ///
    /// Names have become narrower: a row of an older version may name by its last part alone what is now named by two.
    /// That part is unique at the provider, which the first is not: a team is not its member.
    package func isSame(as old: ProviderAccount) -> Bool {
        let (name, before) = (Array(id.utf8), Array(old.id.utf8))
        guard name != before else { return true }
        guard !before.contains(UInt8(ascii: ":")), let colon = name.lastIndex(of: UInt8(ascii: ":")) else {
            return false
        }
        return name[(colon + 1)...].elementsEqual(before)
    }
}
