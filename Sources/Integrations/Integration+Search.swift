/// What people look for in the catalog.
package struct IntegrationSearch: Sendable {
    private let words: [String]
    private let category: IntegrationCategory?

    /// - Parameter text: words that an integration's id, label and aliases must have, in any case.
    package init(_ text: String, category: IntegrationCategory? = nil) {
        words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        self.category = category
    }

    package func matches(_ integration: Integration) -> Bool {
        if let category, !integration.about.categories.contains(category) { return false }
        guard !words.isEmpty else { return true }
        let names = [integration.id, integration.label] + integration.about.aliases
        let text = names.joined(separator: "\n").lowercased()
        return words.allSatisfy { text.contains($0) }
    }
}
