import StateTokens
import Synchronization
import Testing

@testable import ConnectService

@Suite("ActivityRecord") struct ActivityRecordTests {
    private final class Counters: Sendable {
        let values = Mutex<[ActivityRecord.Series: Int64]>([:])

        func add(_ count: Int64, to name: String, _ reason: String = "") {
            let series = ActivityRecord.Series(name, [(name: "reason", value: reason)])
            values.withLock { $0[series, default: 0] += count }
        }
    }

    private static let start = Timestamp(secondsSinceEpoch: 1_767_225_600)
    private let counters = Counters()
    private let record: ActivityRecord

    init() {
        record = ActivityRecord(at: Self.start) { [counters] in counters.values.withLock { $0 } }
    }

    private func counts() -> [String] {
        record.report().counts.map {
            "\($0.series.name) \($0.series.labels.map(\.value).joined()) \($0.recent) \($0.total)"
        }
    }

    @Test func `all that was counted is recent in the first hour`() {
        #expect(record.report() == ActivityRecord.Report(since: Self.start, counts: []))
        counters.add(2, to: "b")
        counters.add(0, to: "c")
        counters.add(1, to: "a", "y")
        record.sample(at: Self.start + .seconds(60))
        counters.add(3, to: "a", "x")
        counters.add(1, to: "b")
        #expect(record.report().since == Self.start)
        #expect(counts() == ["a x 3 3", "a y 1 1", "b  3 3"])
    }

    @Test func `what is older than sixty samples is no longer recent`() {
        counters.add(1, to: "a")
        for minute in 1...59 {
            record.sample(at: Self.start + .seconds(60 * minute))
            counters.add(1, to: "a")
        }
        #expect(record.report().since == Self.start)
        #expect(counts() == ["a  60 60"])
        for minute in 60...200 {
            record.sample(at: Self.start + .seconds(60 * minute))
            counters.add(1, to: "a")
        }
        #expect(record.report().since == Self.start + .seconds(60 * 141))
        #expect(counts() == ["a  60 201"])
    }
}
