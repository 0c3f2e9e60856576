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
