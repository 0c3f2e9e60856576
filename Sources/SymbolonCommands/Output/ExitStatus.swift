/// What the caller of the program learns without reading anything.
enum ExitStatus: Int32 {
    /// Done.
    case done = 0
    /// It did not hold, or was refused.
    case refused = 1
    /// The command line is wrong.
    case usage = 2
    /// The configuration, or a file that it names, is missing, unreadable or bad.
    case configuration = 3
    /// A part that is needed, such as the store or a provider, was not available.
    case unavailable = 4
}
