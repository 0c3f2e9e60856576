extension JSONValue {
    /// The value as JSON text without spaces, members in the order of their names: one value, one text.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .boolean(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): output.append(quoted: text)
        case .array(let elements):
            output.append(.leftBracket)
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(.comma) }
                element.write(to: &output)
            }
            output.append(.rightBracket)
        case .object(let members):
            output.append(.leftBrace)
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { output.append(.comma) }
                output.append(quoted: member.key)
                output.append(.colon)
                member.value.write(to: &output)
            }
            output.append(.rightBrace)
        }
    }
}
