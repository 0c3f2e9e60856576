internal import Glibc
package import Integrations

/// How a workspace shows itself on the pages for end users.
package struct Branding: Sendable, Equatable {
    /// The app's name.
    package var label: String?
    package var logo: Logo?
    /// What buttons and links have in a light theme, and in a dark one.
    package var accent: BrandColor?
    package var darkAccent: BrandColor?

    package init(
        label: String? = nil, logo: Logo? = nil, accent: BrandColor? = nil, darkAccent: BrandColor? = nil
    ) {
        self.label = label
        self.logo = logo
        self.accent = accent
        self.darkAccent = darkAccent
    }
}

/// A colour of sRGB, as CSS writes it: `#1a5fb4`.
package struct BrandColor: Sendable, Equatable {
    /// The darkest surface of the pages' light theme and the lightest of their dark one: text has to be read on them.
    static let lightSurface = BrandColor(red: 0xf5, green: 0xf3, blue: 0xee)
    static let darkSurface = BrandColor(red: 0x21, green: 0x1f, blue: 0x1c)
    /// The least contrast that text needs (WCAG 2.2, 1.4.3).
    static let leastContrast = 4.5

    private let red: UInt8
    private let green: UInt8
    private let blue: UInt8

    private init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Reads `#` and 6 hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "#"), text.utf8.count == 7,
            text.utf8.dropFirst().allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
            let value = UInt32(text.dropFirst(), radix: 16)
        else { return nil }
        red = UInt8(truncatingIfNeeded: value >> 16)
        green = UInt8(truncatingIfNeeded: value >> 8)
        blue = UInt8(truncatingIfNeeded: value)
    }

    /// As CSS writes it, in lower case.
    package var text: String {
        let value = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
        let digits = String(value, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// The contrast ratio of two colours, 1 to 21 (WCAG 2.2).
    func contrast(with other: BrandColor) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    private var luminance: Double {
        func linear(_ channel: UInt8) -> Double {
            let value = Double(channel) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

/// Text that people are shown as a name.
enum DisplayName {
    /// The longest, in characters.
    static let maximumLength = 64

    /// Whether a text is 1 to 64 characters long, and none of them hides or turns what stands beside it.
    static func isValid(_ text: String) -> Bool {
        (1...maximumLength).contains(text.unicodeScalars.count) && isShownAsWritten(text)
    }

    /// Whether a text can be seen, and none of its characters hides or turns what stands beside it.
    static func isShownAsWritten(_ text: String) -> Bool {
        text.unicodeScalars.contains { !$0.properties.isWhitespace }
            && !text.unicodeScalars.contains { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                    true
                // Joiners belong to words and emoji; the others turn the direction or are not seen.
                case .format: scalar.value != 0x200C && scalar.value != 0x200D
                default: false
                }
            }
    }
}
