import Foundation

/// What is read so far of a file that grows.
struct LogReading {
    /// Those that have ended.
    private(set) var lines: [String] = []
    /// What comes after them.
    private var rest: [UInt8] = []
    private var offset: UInt64 = 0

    var lastLine: String? { rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self) }
    var text: String { (lines + [lastLine ?? ""]).joined(separator: "\n") }

    /// Reads what has come since the last call.
    mutating func read(on file: URL) throws {
        let handle = try FileHandle(forReadingFrom: file)
        defer { handle.closeFile() }
        try handle.seek(toOffset: offset)
        guard let new = try handle.readToEnd(), !new.isEmpty else { return }
        offset += UInt64(new.count)
        var parts = (rest + new).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = parts.popLast().map(Array.init) ?? []
        lines += parts.map { String(decoding: $0, as: UTF8.self) }
    }
}
