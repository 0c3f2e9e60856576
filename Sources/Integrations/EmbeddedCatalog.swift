/// The entries that come with the program, in the format of an operator's own file: every file in `Catalog`, one for each
/// provider family.
enum EmbeddedCatalog {
    static let files = EmbeddedFile.all.map(CatalogFile.init(embedded:))
}

extension CatalogFile {
    init(embedded file: EmbeddedFile) { self.init(name: "embedded/\(file.name)", text: file.text) }
}
