/// How a piece of text stands out, where there are colours.
enum TextStyle {
    case plain, heading, good, warning, bad, faint

    func applied(to text: String, colours: Bool) -> String {
        guard colours, let code else { return text }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }

    private var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        case .faint: "2"
        }
    }
}

/// A text with its style.
struct StyledText: ExpressibleByStringInterpolation {
    let text: String
    let style: TextStyle

    init(_ text: String, _ style: TextStyle = .plain) {
        self.text = text.printable
        self.style = style
    }

    init(stringLiteral text: String) { self.init(text) }

    func rendered(colours: Bool) -> String { style.applied(to: text, colours: colours) }
}
