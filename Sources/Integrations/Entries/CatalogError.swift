/// One thing that is wrong in a catalog file, and what to do about it.
package struct CatalogMistake: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    /// The integration's id; nil where the mistake is in the file as a whole.
    package let entry: String?
    /// The field's path within the entry: `token.authentication`.
    package let field: String?
    package let advice: String

    package var description: String {
        var place = ["integrations"]
        if let entry { place.append(entry) }
        if let field { place.append(field) }
        return "\(file):\(line): \(place.joined(separator: ".")): \(advice)"
    }
}

/// Everything that is wrong with the catalog's files, found in one go.
package struct CatalogError: Error, Equatable, CustomStringConvertible {
    package let mistakes: [CatalogMistake]

    package var description: String { mistakes.map(\.description).joined(separator: "\n") }
}

/// Where readers put what they find, so that one bad field does not hide the next.
final class MistakeList {
    private(set) var mistakes: [CatalogMistake] = []
    private var seen: Set<CatalogMistake> = []

    /// A field that several entries inherit is reported once, where it is written.
    func report(_ advice: String, at origin: Origin, field: String?) {
        let steps = field?.split(separator: ".", omittingEmptySubsequences: false)
        let mistake = CatalogMistake(
            file: origin.file, line: origin.line, entry: origin.entry?.shownAsName,
            field: steps?.map { String($0).shownAsName }.joined(separator: "."), advice: advice)
        if seen.insert(mistake).inserted { mistakes.append(mistake) }
    }
}
