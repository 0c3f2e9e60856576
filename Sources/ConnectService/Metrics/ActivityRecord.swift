package import StateTokens
internal import Synchronization

/// What this process counted in the last hour: a sample of its counters each minute, and no more of them than an hour's.
package final class ActivityRecord: Sendable {
    /// One series of a counter. Its labels are ours or the catalog's, never a caller's.
    package struct Series: Sendable, Hashable {
        package struct Label: Sendable, Hashable {
            package let name: String
            package let value: String
        }

        package let name: String
        package let labels: [Label]

        package init(_ name: String, _ labels: [(name: String, value: String)]) {
            self.name = name
            self.labels = labels.map { Label(name: $0.name, value: $0.value) }
        }
    }

    package struct Count: Sendable, Equatable {
        package let series: Series
        /// Since ``Report/since``.
        package let recent: Int64
        /// Since the process began.
        package let total: Int64
    }

    package struct Report: Sendable, Equatable {
        /// An hour ago, or when the process began.
        package let since: Timestamp
        /// In the order of their names and labels, without those that count nothing yet.
        package let counts: [Count]
    }

    private struct Sample {
        let at: Timestamp
        let values: [Series: Int64]
    }

    package static let interval = Duration.seconds(60)
    private static let sampleCount = 60

    private let samples: Mutex<[Sample]>
    private let read: @Sendable () -> [Series: Int64]

    /// - Parameter read: all counters as they are now.
    package init(at start: Timestamp = .now(), _ read: @escaping @Sendable () -> [Series: Int64]) {
        self.read = read
        samples = Mutex([Sample(at: start, values: [:])])
    }

    /// Keeps a sample; called once a minute.
    package func sample(at now: Timestamp = .now()) {
        let sample = Sample(at: now, values: read())
        samples.withLock { samples in
            samples.append(sample)
            samples.removeFirst(max(0, samples.count - Self.sampleCount))
        }
    }

    package func report() -> Report {
        let now = read()
        guard let first = samples.withLock(\.first) else { return Report(since: .now(), counts: []) }
        let counts = now.filter { $0.value > 0 }.map { series, value in
            Count(series: series, recent: value - first.values[series, default: 0], total: value)
        }
        return Report(since: first.at, counts: counts.sorted { $0.series < $1.series })
    }
}

extension ActivityRecord.Series: Comparable {
    package static func < (first: Self, second: Self) -> Bool {
        guard first.name == second.name else { return first.name < second.name }
        return first.labels.map(\.value).lexicographicallyPrecedes(second.labels.map(\.value))
    }
}
