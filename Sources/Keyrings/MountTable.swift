internal import Glibc

/// The places where something is mounted, as `/proc/self/mountinfo` lists them (proc(5)).
package struct MountTable: Sendable {
    private let points: Set<String>

    package init(_ text: String) {
        points = Set(
            text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
                return fields.count > 4 ? Self.unescaped(fields[4]) : nil
            })
    }

    /// The table of this process; empty where the system has none.
    package static func current() -> MountTable {
        guard let file = unsafe fopen("/proc/self/mountinfo", "re") else { return MountTable("") }
        defer { unsafe fclose(file) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe fread($0.baseAddress, 1, $0.count, file)
            }
            guard count > 0 else { break }
            octets += chunk[..<count]
        }
        return MountTable(String(decoding: octets, as: UTF8.self))
    }

    /// Whether something is mounted at just this place.
    ///
    /// - Parameter path: absolute, without links.
    package func isMountPoint(_ path: String) -> Bool { points.contains(path) }

    /// Space, tab, line feed and backslash stand there as a backslash and three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var octets: [UInt8] = []
        var rest = Substring(field).utf8
        while let octet = rest.popFirst() {
            let digits = rest.prefix(3)
            if octet == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                octets.append(value)
                rest = rest.dropFirst(3)
            } else {
                octets.append(octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
