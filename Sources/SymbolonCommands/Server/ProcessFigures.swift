internal import FoundationEssentials
internal import Glibc

/// What the system says of a process in `/proc/PID/stat` (proc(5)).
///
/// swift-system-metrics reports the same, but nothing at all where `/proc/stat` is hidden, as our unit hides it, and
/// processor time as a gauge, which `promtool check metrics` rejects.
struct ProcessFigures: Equatable {
    /// In user and in system mode.
    let processorSeconds: Double
    let residentByteCount: Double
    /// After the machine's own start.
    let startSeconds: Double

    /// Of this process; `nil` where the system does not tell.
    static func read() -> ProcessFigures? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/stat") else { return nil }
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        let page = sysconf(Int32(_SC_PAGESIZE))
        return ProcessFigures(
            String(decoding: data, as: UTF8.self), ticksPerSecond: Double(ticks), pageByteCount: Double(page))
    }

    init?(_ text: String, ticksPerSecond: Double, pageByteCount: Double) {
        // The program's name comes second, in brackets, and may have brackets and blanks of its own.
        guard ticksPerSecond > 0, pageByteCount > 0, let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        func number(_ position: Int) -> Double? {
            let index = position - 3
            return fields.indices.contains(index) ? UInt64(fields[index]).map { Double($0) } : nil
        }
        guard let user = number(14), let system = number(15), let start = number(22),
            let resident = number(24)
        else { return nil }
        processorSeconds = (user + system) / ticksPerSecond
        residentByteCount = resident * pageByteCount
        startSeconds = start / ticksPerSecond
    }

    /// How many descriptors this process has open.
    static var openFileCount: Int? {
        do {
            // One of them is open to read the others.
            return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count - 1
        } catch {
            return nil
        }
    }

    /// When the machine began, in seconds since 1970.
    static let machineStart: Double = {
        var wall = timespec()
        var running = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &wall)
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &running)
        return wall.seconds - running.seconds
    }()
}

extension timespec {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1_000_000_000 }
}
