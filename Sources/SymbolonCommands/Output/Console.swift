import Glibc

/// Where a command writes: its result to standard output, what it has to say to people to standard error.
enum Console {
    /// Writes a result and a line end.
    ///
    /// - Throws: ``CommandError`` if it could not be written: a result that is lost is a failure.
    static func print(_ text: String) throws(CommandError) { try print(octets: Array(text.utf8)) }

    /// Writes a result, such as a JSON document, and a line end.
    static func print(octets: [UInt8]) throws(CommandError) {
        try write(octets: octets + [UInt8(ascii: "\n")])
    }

    /// Writes a result as it is.
    static func write(octets: [UInt8]) throws(CommandError) {
        guard write(octets, to: STDOUT_FILENO) else {
            let reason = unsafe String(cString: strerror(errno))
            throw CommandError(.refused, "standard output could not be written: \(reason)")
        }
    }

    /// Tells people something that is not the result.
    static func note(_ text: String) {
        // If standard error is closed, there is no other place to say so.
        _ = write(Array("\(text)\n".utf8), to: STDERR_FILENO)
    }

    /// Says why the command failed.
    static func reportError(_ message: String) { note("error:", .bad, message) }

    static func warn(_ message: String) { note("warning:", .warning, message) }

    private static func note(_ word: String, _ style: TextStyle, _ message: String) {
        let word = style.applied(to: word, colours: Terminal.hasColours(STDERR_FILENO))
        let lines = message.split(separator: "\n").map { String($0).printable }
        note("\(word) \(lines.joined(separator: "\n"))")
    }

    private static func write(_ octets: [UInt8], to descriptor: CInt) -> Bool {
        var written = 0
        while written < octets.count {
            let count = unsafe octets[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 || errno == EINTR else { return false }
            written += max(count, 0)
        }
        return true
    }
}
