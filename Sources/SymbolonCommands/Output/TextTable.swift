/// Rows of text in columns.
struct TextTable {
    private let headings: [String]
    private var rows: [[StyledText]] = []

    init(_ headings: String...) { self.headings = headings }

    mutating func add(_ cells: StyledText...) {
        precondition(cells.count == headings.count, "a row has a cell for each heading")
        rows.append(cells)
    }

    func rendered(colours: Bool = Terminal.hasColours()) -> String {
        let all = [headings.map { StyledText($0, .heading) }] + rows
        let widths = headings.indices.map { column in all.map { $0[column].text.count }.max() ?? 0 }
        return all.map { row in
            let last = row.indices.last
            return row.indices.map { column in
                let padding = column == last ? 0 : widths[column] - row[column].text.count
                return row[column].rendered(colours: colours) + String(repeating: " ", count: padding)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
