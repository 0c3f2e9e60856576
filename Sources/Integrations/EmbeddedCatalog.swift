internal import Synchronization

/// The entries that come with the program, in the format of an operator's own file: every file in `Catalog`, one for each
/// provider family.
///
/// A program uses a few of several hundred, so each is read when it is first asked for.
final class EmbeddedCatalog: Sendable {
    static let files = EmbeddedFile.all.map(CatalogFile.init(embedded:))
    static let alone = EmbeddedCatalog(allowsInsecureLoopback: false)
    static let withLoopback = EmbeddedCatalog(allowsInsecureLoopback: true)

    /// Where the entries stand and from which they inherit.
    static let outlines = EntryOutline.all(of: files)

    private let allowsInsecureLoopback: Bool
    private let read = Mutex<[String: Integration]>([:])

    private init(allowsInsecureLoopback: Bool) { self.allowsInsecureLoopback = allowsInsecureLoopback }

    /// An integration; `nil` if there is none with this id, or if it is abstract.
    subscript(id: String) -> Integration? {
        guard let outline = Self.outlines[id], !outline.isAbstract else { return nil }
        if let known = read.withLock({ $0[id] }) { return known }
        return known([id])[id]
    }

    /// All of them: each file is read once, and not once for each of its entries.
    var integrations: [String: Integration] { known(Set(Self.outlines.keys)) }

    private func known(_ ids: Set<String>) -> [String: Integration] {
        do throws(CatalogError) {
            return try integrations(ids)
        } catch {
            // Files of ours, which the tests read whole: like code that would not have been compiled.
            preconditionFailure("the catalog that comes with the program has mistakes: \(error)")
        }
    }

    /// All of them, or every mistake in their files.
    func all() throws(CatalogError) -> [String: Integration] {
        try integrations(Set(Self.outlines.keys))
    }

    /// The integrations with these ids: those that were read before, and the others from their files.
    private func integrations(_ ids: Set<String>) throws(CatalogError) -> [String: Integration] {
        let known = read.withLock { $0 }
        let mistakes = MistakeList()
        let entries = Self.entries(ids.subtracting(known.keys), mistakes: mistakes)
        let found = entries.integrations(allowsInsecureLoopback: allowsInsecureLoopback, mistakes: mistakes)
        entries.checkProducts(of: found, known: Set(Self.outlines.keys), mistakes)
        guard mistakes.mistakes.isEmpty else { throw CatalogError(mistakes: mistakes.mistakes) }
        return read.withLock { all in
            all.merge(found) { first, _ in first }
            return all
        }
    }

    /// The entries with these ids and all that these inherit from, as they are written.
    static func entries(_ ids: Set<String>, mistakes: MistakeList) -> EntryTable {
        var entries = EntryTable(elsewhere: Set(outlines.keys))
        let places = Set(
            ids.flatMap { EntryOutline.line(of: $0, in: outlines) }.compactMap { outlines[$0]?.file })
        for place in places.sorted() { entries.add(files[place].entries(mistakes), mistakes: mistakes) }
        entries.settle(but: ids)
        return entries
    }
}

extension CatalogFile {
    init(embedded file: EmbeddedFile) { self.init(name: "embedded/\(file.name)", text: file.text) }
}

extension Catalog {
    /// An entry that comes with the program, as it is written, and then those from which it inherits: a file that can be
    /// changed and named in `catalog`. `nil` if there is none with this id.
    package static func text(ofEmbedded id: String) -> String? {
        let outlines = EmbeddedCatalog.outlines
        let line = EntryOutline.line(of: id, in: outlines)
        guard !line.isEmpty else { return nil }
        let texts = line.compactMap { id in
            outlines[id].map { EntryOutline.text(of: id, in: EmbeddedCatalog.files[$0.file].text) }
        }
        return (["integrations:"] + texts).joined(separator: "\n")
    }
}
