import Glibc

/// What is at the other end of a stream.
enum Terminal {
    /// Whether colours help: on a terminal that has them, unless `NO_COLOR` is set.
    static func hasColours(_ descriptor: CInt = STDOUT_FILENO) -> Bool {
        isatty(descriptor) == 1 && variable("NO_COLOR").isEmpty && variable("TERM") != "dumb"
    }

    private static func variable(_ name: String) -> String {
        guard let value = unsafe getenv(name) else { return "" }
        return unsafe String(cString: value)
    }
}
