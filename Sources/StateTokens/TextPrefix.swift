/// Beginnings that texts often have, and the one octet that stands for each.
struct TextPrefix {
    let code: UInt8
    private let text: StaticString

    var byteCount: Int { text.utf8CodeUnitCount }

    /// The longest of the prefixes that `text` begins with.
    static func longest(of text: Span<UInt8>) -> TextPrefix? {
        guard text.count >= shortest else { return nil }
        for index in byLength.indices where byLength[index].begins(text) { return byLength[index] }
        return nil
    }

    /// The prefix that `code` stands for.
    static func coded(by code: UInt8) -> TextPrefix? {
        for index in byLength.indices where byLength[index].code == code { return byLength[index] }
        return nil
    }

    /// Writes the prefix at the start of `buffer`.
    func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        for index in 0..<byteCount { unsafe buffer[index] = text.utf8Start[index] }
    }

    private func begins(_ other: Span<UInt8>) -> Bool {
        let count = byteCount
        guard other.count >= count else { return false }
        let start = unsafe text.utf8Start
        // The last octet first: many prefixes begin alike.
        guard unsafe other[unchecked: count - 1] == start[count - 1] else { return false }
        for index in 0..<count - 1 where unsafe other[unchecked: index] != start[index] { return false }
        return true
    }

    private static let shortest = 4

    /// The longest first.
    private static let byLength: InlineArray<24, TextPrefix> = [
        TextPrefix(code: 0x8a, text: "https://api.ebay.com/oauth/api_scope/"),
        TextPrefix(code: 0x87, text: "https://www.googleapis.com/auth/"),
        TextPrefix(code: 0x88, text: "https://graph.microsoft.com/"),
        TextPrefix(code: 0x89, text: "https://outlook.office.com/"),
        TextPrefix(code: 0x8b, text: "https://mail.google.com/"),
        TextPrefix(code: 0x85, text: "http://localhost:"),
        TextPrefix(code: 0x86, text: "http://127.0.0.1:"),
        TextPrefix(code: 0x8d, text: "offline_access"),
        TextPrefix(code: 0x82, text: "https://www."),
        TextPrefix(code: 0x83, text: "https://app."),
        TextPrefix(code: 0x84, text: "https://api."),
        TextPrefix(code: 0x80, text: "https://"),
        TextPrefix(code: 0x81, text: "http://"),
        TextPrefix(code: 0x8c, text: "oauth2"),
        TextPrefix(code: 0x8e, text: "openid"),
        TextPrefix(code: 0x91, text: "write:"),
        TextPrefix(code: 0x8f, text: "user."),
        TextPrefix(code: 0x90, text: "read:"),
        TextPrefix(code: 0x92, text: "user:"),
        TextPrefix(code: 0x94, text: "conn_"),
        TextPrefix(code: 0x97, text: "user_"),
        TextPrefix(code: 0x93, text: "wsp_"),
        TextPrefix(code: 0x95, text: "usr_"),
        TextPrefix(code: 0x96, text: "org_"),
    ]
}
