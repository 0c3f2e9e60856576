/// Where in an answer a field lies: `authed_user.access_token`, `data.0.id`.
package struct ResponsePath: Sendable, Hashable, CustomStringConvertible {
    package let names: [String]

    /// Nil unless the text is one or more names joined by single dots.
    package init?(_ text: String) {
        let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= 8, !names.contains("") else { return nil }
        self.names = names
    }

    package init(name: String) { names = [name] }

    package var description: String { names.joined(separator: ".") }
}
