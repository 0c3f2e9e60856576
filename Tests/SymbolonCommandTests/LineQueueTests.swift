import Access
import ConnectService
import Foundation
import Logging
import Metrics
import Synchronization
import TestSupport
import Testing

@testable import SymbolonCommands

/// Log lines on their way to a file, a stalled reader and a full disk.
@Suite("The queue of log lines", .timeLimit(.minutes(1))) struct LineQueueTests {
    private final class Notices: Sendable {
        let list = Mutex<[LineQueue.Notice]>([])

        func add(_ notice: LineQueue.Notice) { list.withLock { $0.append(notice) } }

        var failures: [String] {
            list.withLock { $0.compactMap { if case .failing(let error) = $0 { error } else { nil } } }
        }
        var lost: [Int] {
            list.withLock { $0.compactMap { if case .recovered(let count) = $0 { count } else { nil } } }
        }
    }

    /// A pipe with a name, whose reader reads when it is told to.
    private final class Pipe {
        let path: String
        private let descriptor: Int32

        init(in folder: TemporaryFolder) throws {
            path = folder.path + "pipe"
            try #require(mkfifo(path, 0o600) == 0)
            descriptor = open(path, O_RDONLY | O_NONBLOCK)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        func read() -> String {
            var octets: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
                octets += buffer[..<count]
            }
            return String(decoding: octets, as: UTF8.self)
        }
    }

    private let folder: TemporaryFolder
    private let notices = Notices()

    init() throws { folder = try TemporaryFolder() }

    private func queue(_ path: String, _ bounds: LineQueue.Bounds = LineQueue.Bounds()) throws -> LineQueue {
        LineQueue(try LogOutput(path: path), bounds: bounds) { [notices] in notices.add($0) }
    }

    private func append(_ text: String, to queue: LineQueue, isRequired: Bool = false) -> Bool {
        queue.append(isRequired: isRequired) { $0.append(contentsOf: "\(text)\n".utf8) }
    }

    private func contents(_ path: String) throws -> String {
        try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }

    @Test func `S44 a reader that stalls holds nobody up, and loses lines that may be lost, whole`()
        async throws
    {
        let pipe = try Pipe(in: folder)
        let queue = try queue(
            pipe.path, LineQueue.Bounds(capacity: 400_000, droppable: 300_000, stall: .milliseconds(300)))
        let line = String(repeating: "x", count: 99)
        let start = ContinuousClock.now
        let taken = (0..<10_000).count { append("\($0) \(line)", to: queue) }
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(taken > 2_000 && taken < 5_000)
        try await eventually("the stall is seen") {
            guard queue.reserve(byteCount: 1) else { return true }
            queue.release(byteCount: 1)
            return false
        }
        // What was reserved before has its place.
        #expect(append("required", to: queue, isRequired: true))
        var text = ""
        try await eventually("the last line comes") {
            text += pipe.read()
            return text.hasSuffix("required\n")
        }
        let lines = text.split(separator: "\n")
        #expect(lines.count == taken + 1)
        #expect(lines.dropLast().enumerated().allSatisfy { $1 == "\($0) \(line)" })
        // A loss may be told with the next line that is written.
        #expect(append("after", to: queue))
        try await eventually("the loss is told") { notices.lost.reduce(0, +) == 10_000 - taken }
        #expect(queue.reserve(byteCount: 1))
    }

    @Test func `S44 a full disk is said once, and nothing can be reserved`() async throws {
        let queue = try queue("/dev/full")
        #expect(queue.reserve(byteCount: 1))
        for _ in 0..<3 { #expect(append("line", to: queue)) }
        try await eventually("the failure is said") { !notices.failures.isEmpty }
        #expect(!queue.reserve(byteCount: 1))
        let start = ContinuousClock.now
        // It tries once more.
        await queue.close(within: .seconds(60))
        #expect(start.duration(to: .now) < .seconds(30))
        #expect(notices.failures.count == 1)
    }

    @Test func `what is reserved is not to be had twice`() throws {
        let queue = try queue(
            folder.path + "log", LineQueue.Bounds(capacity: 1_000, droppable: 500))
        #expect(queue.reserve(byteCount: 600))
        #expect(!queue.reserve(byteCount: 600))
        queue.release(byteCount: 600)
        #expect(queue.reserve(byteCount: 600))
    }

    @Test(arguments: [("", "line\n"), ("whole\n", "whole\nline\n"), ("{\"v\":1,", "{\"v\":1,\nline\n")])
    func `a file that ends within a line gets a line feed first`(_ before: String, _ after: String)
        async throws
    {
        let path = try folder.write(before, to: "log")
        let queue = try queue(path)
        #expect(append("line", to: queue))
        await queue.close(within: .seconds(2))
        #expect(try contents(path) == after)
    }

    @Test func `after a rotation lines go to a new file, and the end waits for what is queued`() async throws
    {
        let path = folder.path + "log"
        let queue = try queue(path)
        #expect(append("first", to: queue))
        try await eventually("the first line is written") { try !contents(path).isEmpty }
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        queue.reopen()
        try await eventually("there is a new file") { FileManager.default.fileExists(atPath: path) }
        for index in 0..<1_000 { #expect(append("\(index)", to: queue)) }
        await queue.close(within: .seconds(2))
        #expect(try contents(path + ".1") == "first\n")
        #expect(try contents(path) == (0..<1_000).map { "\($0)\n" }.joined())
    }

    @Test func `S23 no line of the service's log begins within a value`() async throws {
        let path = folder.path + "log"
        let queue = try queue(path)
        var logger = Logger(label: "test") { label in
            QueuedLogHandler(
                label: label, levels: LogLevels(.info), lines: queue,
                counts: EventCounts(metrics: NOOPMetricsHandler.instance))
        }
        logger[metadataKey: "own"] = "a\u{7F}b"
        logger.notice("said\r\nforged", metadata: ["from": "\u{85}c\u{1B}[2J", "list": ["d\u{2028}"]])
        logger.debug("not said")
        await queue.close(within: .seconds(2))
        let text = try contents(path)
        #expect(text.count { $0.isNewline } == 1 && text.hasSuffix("\n"))
        #expect(text.contains("notice test: from=\\u{85}c\\u{1b}[2J"))
        #expect(text.contains("own=a\\u{7f}b") && text.contains("said\\u{d}\\u{a}forged"))
        #expect(!text.unicodeScalars.dropLast().contains { $0.properties.generalCategory == .control })
    }

    @Test func `S23 in JSON no line begins within a value, and no field takes the name of another`()
        async throws
    {
        let path = folder.path + "log"
        let queue = try queue(path)
        let logger = Logger(label: "test") { label in
            QueuedLogHandler(
                label: label, levels: LogLevels(.info), format: .json, lines: queue,
                counts: EventCounts(metrics: NOOPMetricsHandler.instance))
        }
        logger.notice("said\r\nforged\"", metadata: ["from": "\u{1B}[2J", "level": "trace", "list": ["d"]])
        await queue.close(within: .seconds(2))
        let text = try contents(path)
        #expect(text.count { $0.isNewline } == 1 && text.hasSuffix("}\n"))
        let line = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
        #expect(
            Set(line.keys) == ["time", "level", "logger", "source", "message", "from", "field.level", "list"])
        #expect(
            line["message"] == "said\r\nforged\"" && line["level"] == "notice" && line["logger"] == "test")
        #expect(line["from"] == "\u{1B}[2J" && line["field.level"] == "trace")
    }
}
