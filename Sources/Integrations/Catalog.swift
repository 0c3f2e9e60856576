/// A catalog file and the name by which mistakes in it are reported.
package struct CatalogFile: Sendable {
    package let name: String
    /// Empty where the entries come from another file.
    let text: String
    private let integrations: YAMLNode?

    package init(name: String, text: String) {
        self.name = name
        self.text = text
        integrations = nil
    }

    /// Entries that stand in another file, such as the configuration.
    package init(name: String, integrations: YAMLNode) {
        self.name = name
        text = ""
        self.integrations = integrations
    }
}

extension CatalogFile {
    /// The ids of the entries that the file has, as far as it can be read.
    package var entryIDs: [String] {
        let mistakes = MistakeList()
        guard let root = root(mistakes) else { return [] }
        return SectionReader(root, path: "", mistakes: mistakes).section("integrations").keys
    }
}

extension CatalogFile {
    /// The file's document; nil, with the mistake reported, where it is none.
    func root(_ mistakes: MistakeList) -> YAMLNode? {
        do throws(YAMLMistake) {
            guard let integrations else { return try YAMLNode.parse(text, file: name) }
            return YAMLNode(content: .mapping([("integrations", integrations)]), origin: integrations.origin)
        } catch {
            mistakes.report(
                "\(error.problem) (column \(error.column))", at: Origin(file: name, line: error.line),
                field: nil)
            return nil
        }
    }
}

/// Every integration there is: the embedded ones, then the operator's, which add to them or override them.
package struct Catalog: Sendable {
    /// In the order of their ids.
    package let integrations: [Integration]
    private let byID: [String: Integration]

    /// Throws every mistake in every file at once. Plain `http` to loopback hosts is for development and
    /// tests.
    package init(files: [CatalogFile] = [], allowsInsecureLoopback: Bool = false) throws(CatalogError) {
        let embedded = try (allowsInsecureLoopback ? EmbeddedCatalog.withLoopback : EmbeddedCatalog.alone)
            .get()
        guard !files.isEmpty else {
            self = embedded.catalog
            return
        }
        let mistakes = MistakeList()
        var entries = embedded.entries
        for file in files { entries.add(file, mistakes: mistakes) }
        try self.init(
            entries, over: embedded.catalog, mistakes: mistakes,
            allowsInsecureLoopback: allowsInsecureLoopback)
    }

    /// What is new among the entries, over a catalog of those that are not: these are not read again.
    init(
        _ entries: EntryTable, over catalog: Catalog, mistakes: MistakeList, allowsInsecureLoopback: Bool
    ) throws(CatalogError) {
        var byID = catalog.byID
        let newIDs = entries.newIDs
        for id in newIDs { byID[id] = nil }
        for (id, entry) in entries.resolved(newIDs, mistakes: mistakes) {
            let reader = SectionReader(entry, path: "", mistakes: mistakes)
            byID[id] = Integration(id: id, reader, allowsInsecureLoopback: allowsInsecureLoopback)
        }
        let integrations = byID.values.sorted { $0.id < $1.id }
        for integration in integrations {
            guard let product = integration.about.sandboxOf, byID[product] == nil else { continue }
            entries.report(
                "there is no integration `\(product.shownAsName)`", integration.id, ["about", "sandbox_of"],
                mistakes)
        }
        guard mistakes.mistakes.isEmpty else { throw CatalogError(mistakes: mistakes.mistakes) }
        self.integrations = integrations
        self.byID = byID
    }

    /// Stands in for a catalog with mistakes, while others are looked for.
    package static let empty = Catalog()

    private init() {
        integrations = []
        byID = [:]
    }

    package subscript(id: String) -> Integration? { byID[id] }
}
