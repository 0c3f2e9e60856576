import Logging
import Synchronization
import Testing
import Tracing

@testable import OpenTelemetry

/// Batches, time-outs, and what is lost.
@Suite("SpanExporter") struct SpanExporterTests {
    /// Counts, and a collector that answers as it is told.
    private final class Stage: Sendable {
        private struct State {
            var exported = 0
            var dropped: [SpanLoss: Int] = [:]
            var answers: [SpanDelivery]
            var requestCount = 0
        }

        private let state: Mutex<State>

        /// - Parameter answers: the last is repeated.
        init(_ answers: [SpanDelivery]) { state = Mutex(State(answers: answers)) }

        var exported: Int { state.withLock { $0.exported } }
        var dropped: [SpanLoss: Int] { state.withLock { $0.dropped } }
        var requestCount: Int { state.withLock { $0.requestCount } }

        var counts: SpanCounts {
            SpanCounts(
                exported: { count in self.state.withLock { $0.exported += count } },
                dropped: { count, loss in self.state.withLock { $0.dropped[loss, default: 0] += count } })
        }

        func answer() -> SpanDelivery {
            state.withLock { state in
                state.requestCount += 1
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            }
        }
    }

    private static let away = SpanDelivery.unavailable(reason: "away", wait: nil)

    private static func exporter(_ queue: SpanQueue, _ stage: Stage) -> SpanExporter {
        var bounds = SpanExporter.Bounds()
        bounds.interval = .milliseconds(1)
        bounds.batchSize = 4
        bounds.waits = [.milliseconds(1), .milliseconds(1)]
        return SpanExporter(
            queue, of: TraceResource(serviceName: "s", serviceVersion: "1", instanceID: "i"),
            counts: stage.counts, bounds: bounds,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _, _ in stage.answer() }
    }

    private static func fill(_ queue: SpanQueue, _ count: Int) {
        let recorder = TraceRecorder(TraceSampler(share: 1), queue: queue)
        for _ in 0..<count { recorder.startSpan("a", from: nil, ofKind: .internal).end() }
    }

    /// Runs until it is decided what becomes of all spans.
    private static func run(_ exporter: SpanExporter, _ stage: Stage, until count: Int) async {
        let task = Task { await exporter.run() }
        while stage.exported + stage.dropped.values.reduce(0, +) < count { await Task.yield() }
        task.cancel()
        await task.value
    }

    @Test func `spans are sent in batches`() async {
        let stage = Stage([.accepted(rejectedCount: 0)])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 9)
        await Self.run(Self.exporter(queue, stage), stage, until: 9)
        #expect(stage.exported == 9 && stage.dropped.isEmpty)
        #expect(stage.requestCount == 3)
    }

    @Test func `S28 a full queue drops and counts, and ending a span does not wait`() {
        let stage = Stage([Self.away])
        let queue = SpanQueue(capacity: 5, counts: stage.counts)
        Self.fill(queue, 12)
        #expect(queue.count == 5)
        #expect(stage.dropped == [.queueFull: 7])
    }

    @Test func `a batch is sent again while the collector is away, then dropped and counted`() async {
        let stage = Stage([Self.away])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 4)
        await Self.run(Self.exporter(queue, stage), stage, until: 4)
        #expect(stage.dropped == [.unavailable: 4])
        #expect(stage.requestCount == 3)
    }

    @Test func `a batch gets through when the collector is back`() async {
        let stage = Stage([Self.away, Self.away, .accepted(rejectedCount: 0)])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 4)
        await Self.run(Self.exporter(queue, stage), stage, until: 4)
        #expect(stage.exported == 4 && stage.dropped.isEmpty)
    }

    @Test func `what is rejected is not sent again`() async {
        let stage = Stage([.rejected(reason: "status 400"), .accepted(rejectedCount: 0)])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 8)
        await Self.run(Self.exporter(queue, stage), stage, until: 8)
        #expect(stage.exported == 4 && stage.dropped == [.rejected: 4])
        #expect(stage.requestCount == 2)
    }

    @Test(arguments: [(1, 3, 1), (4, 0, 4), (99, 0, 4)])
    func `a partial success counts both parts`(_ rejected: Int, _ exported: Int, _ dropped: Int) async {
        let stage = Stage([.accepted(rejectedCount: rejected)])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 4)
        await Self.run(Self.exporter(queue, stage), stage, until: 4)
        #expect(stage.exported == exported && stage.dropped == [.rejected: dropped])
    }

    @Test func `at the end what is left is sent`() async {
        let stage = Stage([.accepted(rejectedCount: 0)])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 9)
        await Self.exporter(queue, stage).flush(within: .seconds(5))
        #expect(stage.exported == 9 && queue.count == 0)
    }

    @Test func `at the end what does not get through is dropped and counted after one try`() async {
        let stage = Stage([Self.away])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 9)
        await Self.exporter(queue, stage).flush(within: .seconds(5))
        #expect(stage.dropped == [.shutdown: 9] && stage.requestCount == 1)
        await Self.exporter(queue, stage).flush(within: .zero)
        #expect(stage.requestCount == 1)
    }

    @Test func `a batch that is interrupted by the end is left to the flush`() async {
        let stage = Stage([.unavailable(reason: "away", wait: .seconds(60)), .accepted(rejectedCount: 0)])
        let queue = SpanQueue(counts: stage.counts)
        Self.fill(queue, 4)
        let exporter = Self.exporter(queue, stage)
        let task = Task { await exporter.run() }
        while stage.requestCount == 0 { await Task.yield() }
        task.cancel()
        await task.value
        #expect(queue.count == 4 && stage.dropped.isEmpty)
        await exporter.flush(within: .seconds(5))
        #expect(stage.exported == 4)
    }
}
