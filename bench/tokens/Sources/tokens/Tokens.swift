import Dispatch

/// Runs one operation for as long as it is told, again and again: what the driver reads is a count and a time.
///
/// On standard input `OPERATION MILLISECONDS`, on standard output `COUNT NANOSECONDS`. With `count OPERATION N` as
/// arguments it runs an operation N times and ends, for those who count instructions; with `lengths` it says how long
/// its tokens are; with `list`, what it can do.
@main struct Tokens {
    static func main() throws {
        let operations = try Operations()
        switch CommandLine.arguments.dropFirst().first {
        case nil: try serve(operations)
        case "list": for name in operations.names { print(name) }
        case "lengths": for (name, length) in try operations.lengths() { print(name, length) }
        case "count": try count(operations, Array(CommandLine.arguments.dropFirst(2)))
        default: throw BenchError.usage
        }
    }

    private static func serve(_ operations: Operations) throws {
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 2, let milliseconds = Int(words[1]) else { throw BenchError.usage }
            let name = String(words[0])
            let (count, nanoseconds) = try measure(
                operations.named(name), batch: Operations.batch(of: name), for: .milliseconds(milliseconds))
            print(count, nanoseconds)
            flush()
        }
    }

    private static func count(_ operations: Operations, _ arguments: [String]) throws {
        guard arguments.count == 2, let count = Int(arguments[1]) else { throw BenchError.usage }
        try operations.named(arguments[0])(count)
    }

    private static func measure(
        _ operation: Operations.Operation, batch: Int, for duration: Duration
    ) throws -> (count: Int, nanoseconds: Int64) {
        let clock = ContinuousClock()
        try operation(batch)
        var count = 0
        let start = clock.now
        var elapsed = Duration.zero
        repeat {
            try operation(batch)
            count += batch
            elapsed = start.duration(to: clock.now)
        } while elapsed < duration
        let (seconds, attoseconds) = elapsed.components
        return (count, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

enum BenchError: Error {
    case usage
    case noSuchOperation(String)
    case flow(String)
    /// What came back is not what was sealed.
    case wrong(String)
}
