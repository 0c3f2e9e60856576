/// What a source has for a setting.
enum SettingValue: Equatable {
    case text(String)
    case list([String])
    /// A mapping where a value belongs.
    case other

    /// Reads the text of a variable or of a secret's file. Commas separate the elements of a list.
    init(_ text: String, kind: Setting.Kind) {
        guard kind == .list else {
            self = .text(text)
            return
        }
        let elements = text.split(separator: ",").map { String($0.trimmingWhiteSpace) }
        self = .list(elements.filter { !$0.isEmpty })
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var list: [String]? { if case .list(let list) = self { list } else { nil } }

    /// `true` and `yes`, `false` and `no`; nil for anything else.
    var flag: Bool? {
        switch text?.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }
}

extension Setting.Kind {
    /// For `… must be …`.
    var words: String {
        switch self {
        case .text: "a text"
        case .number: "an integer"
        case .flag: "true or false"
        case .list: "a list"
        }
    }
}

extension StringProtocol {
    var trimmingWhiteSpace: SubSequence {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start.prefix(0) }
        return start[...last]
    }

    /// The text without the line breaks that files and shells put at its end.
    var withoutFinalLineBreaks: SubSequence {
        guard let last = lastIndex(where: { !$0.isNewline }) else { return prefix(0) }
        return self[...last]
    }
}
