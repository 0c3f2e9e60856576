import Foundation
import TestSupport
import Testing

/// A file that `symbolon deployment show` gives, made fit for this machine.
struct ShippedFile {
    enum Unfit: Error { case doesNotSay(String) }

    private(set) var text: String

    init(_ name: String) async throws {
        let run = try await Tool.run(SymbolonBinary.path(), ["deployment", "show", name])
        try #require(run.status == 0, "\(run.output)")
        text = run.output
    }

    /// Puts `new` in the place of `old`, which must be there: what is no longer in the file is not replaced unnoticed.
    mutating func replace(_ old: String, with new: String) throws(Unfit) {
        guard text.contains(old) else { throw .doesNotSay(old) }
        text = text.replacing(old, with: new)
    }
}
