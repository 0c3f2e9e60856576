internal import Glibc
internal import NIOPosix
internal import Synchronization
internal import SystemPackage

/// A bounded queue of log lines, and the one thread that writes them.
///
/// Event loops and tasks only append, which waits for nothing: a log reader that stalls or a full disk must not stop the
/// service. Lines that find no room are lost and counted. Lines that must not be lost have room reserved before.
final class LineQueue: Sendable {
    /// What becomes of the output, each thing once.
    enum Notice: Sendable {
        case failing(String)
        /// Lines are written again, after so many were lost.
        case recovered(lostCount: Int)
        case reopeningFailed(String)
    }

    struct Bounds: Sendable {
        /// In octets, for all lines that wait.
        var capacity = 4 * 1_024 * 1_024
        /// The part of it that lines may fill which can be lost.
        var droppable = 3 * 1_024 * 1_024
        /// A writer that has not written anything for so long is stalled.
        var stall = Duration.seconds(2)
    }

    private struct State {
        var lines: [UInt8] = []
        /// The writer has taken these, and they may not be written yet.
        var takenByteCount = 0
        var reservedByteCount = 0
        var lostCount = 0
        var isWriting = false
        var lastProgress = ContinuousClock.now
        var isFailing = false
        var isReopening = false
        var isClosing = false

        var byteCount: Int { lines.count + takenByteCount }
    }

    /// What the writer writes from.
    private struct Batch {
        var octets: [UInt8] = []
        var offset = 0
        var hasLingered = false

        var rest: ArraySlice<UInt8> { octets[offset...].prefix(16 * 1_024) }

        /// Back to the begin of a line that is only written in part.
        mutating func rewindToLine() {
            offset = octets[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        }
    }

    private enum Step { case write, linger, reopen }

    /// While it waits this long for more, a burst is written in few pieces, and its threads are woken rarely.
    private static let lingerMicroseconds: useconds_t = 1_000
    private static let retryMicroseconds: useconds_t = 100_000

    private let bounds: Bounds
    private let output: Mutex<LogOutput>
    private let notify: @Sendable (Notice) -> Void
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    init(_ output: LogOutput, bounds: Bounds = Bounds(), notify: @escaping @Sendable (Notice) -> Void) {
        self.bounds = bounds
        self.output = Mutex(output)
        self.notify = notify
        thread.start()
    }

    // MARK: Lines

    /// Appends a line with its line feed.
    ///
    /// - Parameters:
    ///   - isRequired: room was reserved for it.
    ///   - wakes: whether the writer is told at once; else ``wake()`` follows.
    /// - Returns: whether there was room.
    func append(
        isRequired: Bool = false, wakes: Bool = true, _ writeLine: (inout [UInt8]) -> Void
    ) -> Bool {
        let (isTaken, startsWriter) = state.withLock { state in
            // A required line without a reservation is a mistake of ours, which must not grow without bound.
            let limit = isRequired ? 2 * bounds.capacity : bounds.droppable
            guard state.byteCount < limit else {
                state.lostCount += 1
                return (false, false)
            }
            writeLine(&state.lines)
            return (true, wakes && Self.startsWriter(&state))
        }
        if startsWriter { startWriter() }
        return isTaken
    }

    /// Has what was appended written.
    func wake() {
        if state.withLock({ Self.startsWriter(&$0) }) { startWriter() }
    }

    /// Keeps room for lines that must be written.
    ///
    /// - Returns: `false` if there is none, or what is queued does not get written.
    func reserve(byteCount: Int) -> Bool {
        state.withLock { state in
            guard isWritable(state),
                state.byteCount + state.reservedByteCount + byteCount <= bounds.capacity
            else { return false }
            state.reservedByteCount += byteCount
            return true
        }
    }

    /// `false` while the output fails, or nothing gets written to it.
    var isWritable: Bool { state.withLock { isWritable($0) } }

    private func isWritable(_ state: State) -> Bool {
        let isStalled = state.isWriting && state.lastProgress.duration(to: .now) > bounds.stall
        return !state.isFailing && !isStalled
    }

    func release(byteCount: Int) { state.withLock { $0.reservedByteCount -= byteCount } }

    /// Has the file opened again, after a log rotation.
    func reopen() {
        let startsWriter = state.withLock { state in
            state.isReopening = true
            return Self.startsWriter(&state)
        }
        if startsWriter { startWriter() }
    }

    /// Waits until everything is written, at most so long.
    func close(within limit: Duration) async {
        let startsWriter = state.withLock { state in
            state.isClosing = true
            return Self.startsWriter(&state)
        }
        if startsWriter { startWriter() }
        let deadline = ContinuousClock.now + limit
        while state.withLock({ $0.isWriting }), ContinuousClock.now < deadline {
            do {
                try await Task.sleep(for: .milliseconds(5))
            } catch {
                break
            }
        }
    }

    // MARK: The writer

    private static func startsWriter(_ state: inout State) -> Bool {
        guard !state.isWriting, !state.lines.isEmpty || state.isReopening else { return false }
        state.isWriting = true
        state.lastProgress = .now
        return true
    }

    private func startWriter() {
        // The thread keeps the queue alive as long as it writes.
        thread.submit { _ in self.write() }
    }

    private func write() {
        var batch = Batch()
        while let step = next(&batch) {
            switch step {
            case .linger: usleep(Self.lingerMicroseconds)
            case .write: write(&batch)
            case .reopen: reopen(&batch)
            }
        }
    }

    /// - Returns: `nil` when nothing is left to do.
    private func next(_ batch: inout Batch) -> Step? {
        state.withLock { state in
            if state.isReopening {
                state.isReopening = false
                return .reopen
            }
            guard batch.offset == batch.octets.count else {
                guard state.isClosing, state.isFailing else { return .write }
                state.isWriting = false
                return nil
            }
            state.takenByteCount = 0
            batch.offset = 0
            // What a stall has made large does not stay so.
            batch.octets.removeAll(keepingCapacity: batch.octets.capacity <= 256 * 1_024)
            guard state.lines.isEmpty else {
                swap(&batch.octets, &state.lines)
                state.takenByteCount = batch.octets.count
                batch.hasLingered = false
                return .write
            }
            guard batch.hasLingered || state.isClosing else {
                batch.hasLingered = true
                return .linger
            }
            state.isWriting = false
            return nil
        }
    }

    private func write(_ batch: inout Batch) {
        do {
            let rest = batch.rest
            batch.offset += try output.withLock { output in try output.write(rest) }
            noteProgress()
        } catch Errno.resourceTemporarilyUnavailable {
            // Somebody else made the stream non-blocking.
            usleep(Self.lingerMicroseconds)
        } catch {
            noteFailure(error)
            usleep(Self.retryMicroseconds)
        }
    }

    private func noteProgress() {
        let lostCount = state.withLock { state in
            state.lastProgress = .now
            let wasFailing = state.isFailing
            state.isFailing = false
            guard wasFailing || state.lostCount > 0, state.byteCount < bounds.droppable else {
                return Int?.none
            }
            defer { state.lostCount = 0 }
            return state.lostCount
        }
        if let lostCount { notify(.recovered(lostCount: lostCount)) }
    }

    private func noteFailure(_ error: any Error) {
        let isNews = state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
        if isNews { notify(.failing("\(error)")) }
    }

    private func reopen(_ batch: inout Batch) {
        do {
            try output.withLock { output in try output.reopen() }
            batch.rewindToLine()
        } catch {
            notify(.reopeningFailed("\(error)"))
        }
    }
}
