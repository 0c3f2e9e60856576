internal import Mustache

/// Escapes what goes into a page, octet by octet.
///
/// Mustache's own escaping goes by characters as people see them, and overlooks a `<` or `"` that a combining mark or a
/// prepended sign has made a part of another one; browsers do not.
struct HTMLText: MustacheContentType {
    /// How templates ask for it: `{{% CONTENT_TYPE: HTML_TEXT}}`.
    static let name = "HTML_TEXT"

    func escapeText(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 32)
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): output.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): output.append(contentsOf: "&#39;".utf8)
            // In an attribute a bare carriage return comes back as a line feed, and a NUL as another character.
            case UInt8(ascii: "\r"): output.append(contentsOf: "&#13;".utf8)
            case 0: output.append(contentsOf: "\u{FFFD}".utf8)
            default: output.append(octet)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
