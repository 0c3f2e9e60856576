import Glibc

/// What was piped into the command.
enum StandardInput {
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Everything up to the end, without white space around it.
    ///
    /// - Throws: ``CommandError`` if it cannot be read, or is longer than `limit` octets.
    static func readText(limit: Int = 65_536) throws(CommandError) -> String {
        let octets = try read(limit: limit, expecting: "one token")
        let text = octets.drop(while: isWhiteSpace).reversed().drop(while: isWhiteSpace).reversed()
        return String(decoding: text, as: UTF8.self)
    }

    /// Everything up to the end, of standard input or another file.
    ///
    /// - Parameter expecting: what should have been given instead of so much.
    static func read(
        _ descriptor: CInt = STDIN_FILENO, limit: Int, name: String = "standard input", expecting: String
    ) throws(CommandError) -> [UInt8] {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let reason = unsafe String(cString: strerror(errno))
                throw CommandError(.usage, "\(name) cannot be read: \(reason)")
            }
            guard count > 0 else { return octets }
            octets += chunk[..<count]
            guard octets.count <= limit else {
                throw CommandError(.refused, "\(name) has more than \(limit) octets: give \(expecting)")
            }
        }
    }

    private static func isWhiteSpace(_ octet: UInt8) -> Bool {
        octet == 0x20 || (0x09...0x0d).contains(octet)
    }
}
