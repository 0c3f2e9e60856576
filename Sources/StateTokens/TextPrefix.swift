internal import Glibc

/// A common beginning of texts, and the one octet that replaces it.
struct TextPrefix {
    private let text: StaticString

    private init(_ text: StaticString) { self.text = text }

    var byteCount: Int { text.utf8CodeUnitCount }

    /// The code of the longest of the prefixes that `text` begins with, and its length.
    static func longest(of text: Span<UInt8>) -> (code: UInt8, byteCount: Int)? {
        guard text.count >= shortest else { return nil }
        for index in range(beginningWith: text[0]) {
            let code = searched[index]
            let prefix = TextPrefix(all[Int(code &- first)])
            if prefix.begins(text) { return (code, prefix.byteCount) }
        }
        return nil
    }

    /// The prefix that `code` stands for.
    static func coded(by code: UInt8) -> TextPrefix? {
        let index = Int(code) - Int(first)
        return all.indices.contains(index) ? TextPrefix(all[index]) : nil
    }

    /// Writes the prefix at the start of `buffer`.
    func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        unsafe buffer.baseAddress?.update(from: text.utf8Start, count: byteCount)
    }

    private func begins(_ other: Span<UInt8>) -> Bool {
        let start = unsafe text.utf8Start
        // The last octet tells most prefixes apart, because many begin alike.
        guard other.count >= byteCount,
            unsafe other[unchecked: byteCount &- 1] == start[byteCount &- 1]
        else { return false }
        return unsafe other.withUnsafeBufferPointer { octets in
            guard let base = octets.baseAddress else { return false }
            return unsafe memcmp(base, start, byteCount) == 0
        }
    }

    private static let shortest = 4
    private static let first: UInt8 = 0x80

    /// All of them, in the order of their codes. (A table of literals needs no initialiser, and so no `swift_once`.)
    private static let all: InlineArray<24, StaticString> = [
        "https://", "http://", "https://www.",
        "https://app.", "https://api.", "http://localhost:",
        "http://127.0.0.1:", "https://www.googleapis.com/auth/",
        "https://graph.microsoft.com/", "https://outlook.office.com/",
        "https://api.ebay.com/oauth/api_scope/", "https://mail.google.com/",
        "oauth2", "offline_access", "openid", "user.",
        "read:", "write:", "user:", "wsp_",
        "conn_", "usr_", "org_", "user_",
    ]

    /// Those that begin with the same letter side by side, and none before a longer one that begins with it.
    private static let searched: InlineArray<24, UInt8> = [
        0x87, 0x82, 0x83, 0x8a, 0x84, 0x88, 0x89, 0x8b, 0x80, 0x85, 0x86, 0x81,
        0x8d, 0x8c, 0x8e, 0x96,
        0x8f, 0x92, 0x97, 0x95,
        0x91, 0x93,
        0x94,
        0x90,
    ]

    /// Where `searched` has those that begin with this letter.
    private static func range(beginningWith letter: UInt8) -> Range<Int> {
        switch letter {
        case UInt8(ascii: "h"): 0..<12
        case UInt8(ascii: "o"): 12..<16
        case UInt8(ascii: "u"): 16..<20
        case UInt8(ascii: "w"): 20..<22
        case UInt8(ascii: "c"): 22..<23
        case UInt8(ascii: "r"): 23..<24
        default: 0..<0
        }
    }
}
