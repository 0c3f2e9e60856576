import Foundation
import Integrations
import Testing

/// The page's entries are the program's to read: what it shows must not be refused.
@Suite("The page of whole entries") struct WholeEntriesTests {
    @Test func `its three entries are good`() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Integrations/Integrations.docc/WholeEntries.md").standardized
        let page = try String(contentsOf: url, encoding: .utf8)
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        let files = blocks.enumerated().map { CatalogFile(name: "\($0.offset).yaml", text: $0.element) }
        let catalog = try Catalog(files: files)
        let ids = Set(catalog.integrations.map(\.id))
        #expect(ids.isSuperset(of: ["acme", "contoso", "fabrikam"]))
    }
}
