/// Names and what they stand for, one below the other.
struct FieldList {
    private var fields: [(name: String, values: [StyledText])] = []

    /// Adds a field; further values stand below the first.
    mutating func add(_ name: String, _ values: StyledText...) { fields.append((name, values)) }

    /// Adds a field with a value a line, or says that there are none.
    mutating func add(_ name: String, lines: [String]) {
        fields.append((name, lines.isEmpty ? [StyledText("none", .faint)] : lines.map { StyledText($0) }))
    }

    /// Adds a field that may be absent.
    mutating func add(_ name: String, optional value: String?) { add(name, lines: value.map { [$0] } ?? []) }

    func rendered(colours: Bool = Terminal.hasColours()) -> String {
        let width = fields.map(\.name.count).max() ?? 0
        return fields.flatMap { field in
            field.values.enumerated().map { index, value in
                let name = index == 0 ? field.name : ""
                let padding = String(repeating: " ", count: width - name.count + 2)
                return StyledText(name, .faint).rendered(colours: colours) + padding
                    + value.rendered(colours: colours)
            }
        }.joined(separator: "\n")
    }
}
