internal import Glibc

/// Beginnings that texts often have, and the one octet that stands for each.
struct TextPrefix {
    let code: UInt8
    let byteCount: Int
    /// The last octet tells most of them apart, for many begin alike.
    private let last: UInt8
    private let text: StaticString

    private init(code: UInt8, text: StaticString) {
        self.code = code
        self.text = text
        byteCount = text.utf8CodeUnitCount
        last = unsafe text.utf8Start[text.utf8CodeUnitCount - 1]
    }

    /// The longest of the prefixes that `text` begins with.
    static func longest(of text: Span<UInt8>) -> TextPrefix? {
        guard text.count >= shortest else { return nil }
        guard text[0] == UInt8(ascii: "h") else {
            for index in words.indices where words[index].begins(text) { return words[index] }
            return nil
        }
        for index in urls.indices where urls[index].begins(text) { return urls[index] }
        return nil
    }

    /// The prefix that `code` stands for.
    static func coded(by code: UInt8) -> TextPrefix? {
        for index in urls.indices where urls[index].code == code { return urls[index] }
        for index in words.indices where words[index].code == code { return words[index] }
        return nil
    }

    /// Writes the prefix at the start of `buffer`.
    func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        unsafe buffer.baseAddress?.update(from: text.utf8Start, count: byteCount)
    }

    private func begins(_ other: Span<UInt8>) -> Bool {
        guard other.count >= byteCount, unsafe other[unchecked: byteCount &- 1] == last else { return false }
        let start = unsafe text.utf8Start
        return unsafe other.withUnsafeBufferPointer { octets in
            guard let base = octets.baseAddress else { return false }
            return unsafe memcmp(base, start, byteCount) == 0
        }
    }

    private static let shortest = 4

    /// Those that begin with `h`, the longest first.
    private static let urls: InlineArray<12, TextPrefix> = [
        TextPrefix(code: 0x8a, text: "https://api.ebay.com/oauth/api_scope/"),
        TextPrefix(code: 0x87, text: "https://www.googleapis.com/auth/"),
        TextPrefix(code: 0x88, text: "https://graph.microsoft.com/"),
        TextPrefix(code: 0x89, text: "https://outlook.office.com/"),
        TextPrefix(code: 0x8b, text: "https://mail.google.com/"),
        TextPrefix(code: 0x85, text: "http://localhost:"),
        TextPrefix(code: 0x86, text: "http://127.0.0.1:"),
        TextPrefix(code: 0x82, text: "https://www."),
        TextPrefix(code: 0x83, text: "https://app."),
        TextPrefix(code: 0x84, text: "https://api."),
        TextPrefix(code: 0x80, text: "https://"),
        TextPrefix(code: 0x81, text: "http://"),
    ]

    /// All others, the longest first.
    private static let words: InlineArray<12, TextPrefix> = [
        TextPrefix(code: 0x8d, text: "offline_access"),
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
