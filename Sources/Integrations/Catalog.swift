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
    /// An entry as it is written, with its id, which may be none.
    struct Entry {
        let id: String
        let node: YAMLNode
    }

    /// The ids of the entries that the file has, as far as it can be read.
    package var entryIDs: [String] { entries(MistakeList()).map(\.id) }

    func entries(_ mistakes: MistakeList) -> [Entry] {
        guard let root = root(mistakes) else { return [] }
        let reader = SectionReader(root, path: "", mistakes: mistakes)
        let list = reader.section("integrations")
        reader.finish()
        return list.keys.compactMap { id in
            list.node(id).map { Entry(id: id, node: $0.written(in: id)) }
        }
    }
}

extension CatalogFile {
    /// The file's document; nil, with the mistake reported, where it is none.
    private func root(_ mistakes: MistakeList) -> YAMLNode? {
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
///
/// Looking one up takes constant time. An embedded one is read when it is first asked for.
package struct Catalog: Sendable {
    /// The ids of all integrations, in their order.
    package let ids: [String]
    private let embedded: EmbeddedCatalog?
    /// The operator's, and those that inherit from them; `nil` for one that the operator made abstract.
    private let own: [String: Integration?]

    /// Throws every mistake in every file at once. Plain `http` to loopback hosts is for development and
    /// tests.
    package init(files: [CatalogFile] = [], allowsInsecureLoopback: Bool = false) throws(CatalogError) {
        let mistakes = MistakeList()
        let added = files.flatMap { $0.entries(mistakes) }
        var entries = EmbeddedCatalog.entries(Self.touched(by: added), mistakes: mistakes)
        entries.settle()
        entries.add(added, mistakes: mistakes)
        var own: [String: Integration?] = [:]
        for id in entries.newIDs { own[id] = .some(nil) }
        own.merge(
            entries.integrations(allowsInsecureLoopback: allowsInsecureLoopback, mistakes: mistakes)
                .mapValues { .some($0) }
        ) { $1 }
        var ids = Set(EmbeddedCatalog.outlines.filter { !$0.value.isAbstract }.keys)
        for (id, integration) in own {
            if integration == nil { ids.remove(id) } else { ids.insert(id) }
        }
        entries.checkProducts(of: own.compactMapValues { $0 }, known: ids, mistakes)
        guard mistakes.mistakes.isEmpty else { throw CatalogError(mistakes: mistakes.mistakes) }
        self.ids = ids.sorted()
        self.own = own
        embedded = allowsInsecureLoopback ? .withLoopback : .alone
    }

    /// The embedded entries that an operator's entries change, inherit from, or change for their heirs.
    private static func touched(by added: [CatalogFile.Entry]) -> Set<String> {
        let outlines = EmbeddedCatalog.outlines
        let ids = Set(added.map(\.id))
        let heirs = outlines.keys.filter { id in
            EntryOutline.line(of: id, in: outlines).contains(where: ids.contains)
        }
        return ids.union(heirs).union(added.compactMap { $0.node["inherits"]?.text })
    }

    /// Stands in for a catalog with mistakes, while others are looked for.
    package static let empty = Catalog()

    private init() {
        ids = []
        embedded = nil
        own = [:]
    }

    package subscript(id: String) -> Integration? {
        if let own = own[id] { return own }
        return embedded?[id]
    }

    /// In the order of their ids. What was not read before is read now: some 100 ms, the first time.
    package var integrations: [Integration] {
        let embedded = embedded?.integrations ?? [:]
        return ids.compactMap { id in own[id] ?? embedded[id] }
    }

    /// Reads all that comes with the program.
    ///
    /// - Throws: ``CatalogError`` with every mistake in it.
    package static func checkEmbedded(allowsInsecureLoopback: Bool) throws(CatalogError) {
        _ = try (allowsInsecureLoopback ? EmbeddedCatalog.withLoopback : .alone).all()
    }
}

extension Catalog: Equatable {
    /// The embedded entries are the same in each.
    package static func == (left: Catalog, right: Catalog) -> Bool {
        left.ids == right.ids && left.own == right.own && (left.embedded == nil) == (right.embedded == nil)
    }
}
