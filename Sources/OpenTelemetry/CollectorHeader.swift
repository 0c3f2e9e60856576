/// A field that a collector wants with each request, such as a key. It is not printed.
package struct CollectorHeader: Sendable, Equatable {
    private static let reserved: Set<String> = [
        "connection", "content-encoding", "content-length", "content-type", "host", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    package let name: String
    package let value: String

    /// The fields of a file with a line `Name: value` for each; empty lines and those that begin with `#` are passed over.
    ///
    /// - Throws: ``CollectorHeaderError``, which never repeats what the file holds.
    package static func list(_ text: String) throws(CollectorHeaderError) -> [CollectorHeader] {
        var headers: [CollectorHeader] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let content = line.first(where: { $0 != " " && $0 != "\t" }), content != "#" else {
                continue
            }
            guard let header = CollectorHeader(line) else { throw .malformed(line: index + 1) }
            headers.append(header)
        }
        guard !headers.isEmpty else { throw .empty }
        return headers
    }

    private init?(_ line: Substring) {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let name = line[..<colon]
        var value = line[line.index(after: colon)...]
        while let first = value.first, first == " " || first == "\t" { value.removeFirst() }
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken),
            !Self.reserved.contains(name.lowercased()), !value.isEmpty,
            value.utf8.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0x09 })
        else { return nil }
        self.name = String(name)
        self.value = String(value)
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(octet)
        }
    }
}

extension CollectorHeader: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(collector header)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a file of headers cannot be used.
package enum CollectorHeaderError: Error, Equatable {
    /// This line is no field, or one that is not the operator's to set.
    case malformed(line: Int)
    case empty
}
