/// The one host, of those that callers may name, that a client belongs to. Its secret goes there and nowhere else.
package struct ClientHost: Sendable, Hashable {
    /// The integration's parameter that names it.
    let parameter: String
    /// Checked, in the form that goes into templates.
    let value: String

    /// Whether a checked value of the parameter is this host. Names of hosts have no case, paths have.
    func allows(_ other: String, kind: TemplateParameter.Kind) -> Bool {
        kind == .host
            ? value.lowercased().utf8.elementsEqual(other.lowercased().utf8)
            : value.utf8.elementsEqual(other.utf8)
    }
}
