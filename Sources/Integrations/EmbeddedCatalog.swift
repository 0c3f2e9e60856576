/// The entries that come with the program, in the format of an operator's own file: every file in `Catalog`, one for each
/// provider family.
struct EmbeddedCatalog: Sendable {
    static let files = EmbeddedFile.all.map(CatalogFile.init(embedded:))
    /// Read once in a process, when first asked for.
    static let alone = read(allowsInsecureLoopback: false)
    static let withLoopback = read(allowsInsecureLoopback: true)

    /// As they are written; what is added to them is new.
    let entries: EntryTable
    let catalog: Catalog

    private static func read(allowsInsecureLoopback: Bool) -> Result<EmbeddedCatalog, CatalogError> {
        let mistakes = MistakeList()
        var entries = EntryTable()
        for file in files { entries.add(file, mistakes: mistakes) }
        do throws(CatalogError) {
            let catalog = try Catalog(
                entries, over: .empty, mistakes: mistakes, allowsInsecureLoopback: allowsInsecureLoopback)
            entries.settle()
            return .success(EmbeddedCatalog(entries: entries, catalog: catalog))
        } catch {
            return .failure(error)
        }
    }
}

extension CatalogFile {
    init(embedded file: EmbeddedFile) { self.init(name: "embedded/\(file.name)", text: file.text) }
}
