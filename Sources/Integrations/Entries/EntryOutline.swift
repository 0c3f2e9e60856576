/// What is seen of an entry of ours without reading its file as YAML, which takes about a millisecond a file.
///
/// It rests on how these files are written: an entry's id is indented by two spaces, its keys by four. A test compares it
/// with what the files say.
struct EntryOutline: Equatable {
    /// The file, by its place among all.
    let file: Int
    var parent: String?
    var isAbstract = false

    /// By their ids.
    static func all(of files: [CatalogFile]) -> [String: EntryOutline] {
        var outlines: [String: EntryOutline] = [:]
        for (place, file) in files.enumerated() {
            var id = ""
            for line in file.text.utf8.split(separator: UInt8(ascii: "\n")) {
                switch line.prefix(while: { $0 == UInt8(ascii: " ") }).count {
                case 2 where line.last == UInt8(ascii: ":"):
                    id = String(decoding: line.dropFirst(2).dropLast(), as: UTF8.self)
                    outlines[id] = EntryOutline(file: place)
                case 4 where line.dropFirst(4).starts(with: "inherits: ".utf8):
                    outlines[id]?.parent = String(decoding: line.dropFirst(4 + 10), as: UTF8.self)
                case 4 where line.dropFirst(4).elementsEqual("abstract: true".utf8):
                    outlines[id]?.isAbstract = true
                default: break
                }
            }
        }
        return outlines
    }

    /// An entry, that from which it inherits, and so on.
    static func line(of id: String, in outlines: [String: EntryOutline]) -> [String] {
        var line: [String] = []
        var next: String? = id
        while let id = next, let outline = outlines[id], line.count <= EntryTable.depthLimit {
            line.append(id)
            next = outline.parent
        }
        return line
    }

    /// The lines of one entry.
    static func text(of id: String, in file: String) -> String {
        var lines: [Substring] = []
        var isWithin = false
        for line in file.split(separator: "\n") {
            if line.prefix(while: { $0 == " " }).count < 4 { isWithin = line == "  \(id):" }
            if isWithin { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }
}
