internal import Synchronization

/// So many requests a second for each key, and as many more at once as a bucket holds. The table is bounded: beyond its
/// capacity the buckets that are fullest go, whose owners are owed the most anyway.
package final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var level: Double
        var time: ContinuousClock.Instant
    }

    private let rate: Double
    private let size: Double
    private let capacity: Int
    private let buckets = Mutex<[Key: Bucket]>([:])

    /// - Parameters:
    ///   - rate: tokens a second.
    ///   - size: how many a bucket holds.
    ///   - capacity: for how many keys there are buckets.
    package init(rate: Double, size: Double, capacity: Int = 10_000) {
        precondition(rate > 0 && size >= 1 && capacity > 0)
        self.rate = rate
        self.size = size
        self.capacity = capacity
    }

    /// Takes a token.
    ///
    /// - Returns: how long to wait for the next one; `nil` if there was one.
    package func take(_ key: Key, at now: ContinuousClock.Instant = .now) -> Duration? {
        buckets.withLock { buckets in
            if buckets[key] == nil, buckets.count >= capacity { makeRoom(in: &buckets, at: now) }
            var level = buckets[key].map { self.level(of: $0, at: now) } ?? size
            guard level >= 1 else { return .seconds((1 - level) / rate) }
            level -= 1
            buckets[key] = Bucket(level: level, time: now)
            return nil
        }
    }

    /// How long to wait for the next token; `nil` if there is one. Takes none.
    package func wait(_ key: Key, at now: ContinuousClock.Instant = .now) -> Duration? {
        buckets.withLock { buckets in
            let level = buckets[key].map { self.level(of: $0, at: now) } ?? size
            return level >= 1 ? nil : .seconds((1 - level) / rate)
        }
    }

    package var count: Int { buckets.withLock { $0.count } }

    private func level(of bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
        min(size, bucket.level + bucket.time.duration(to: now) / .seconds(1) * rate)
    }

    /// Half of the table goes at once, so that a flood of new keys does not sort it for each of them.
    private func makeRoom(in buckets: inout [Key: Bucket], at now: ContinuousClock.Instant) {
        let emptiest = buckets.sorted { level(of: $0.value, at: now) < level(of: $1.value, at: now) }
        buckets = Dictionary(uniqueKeysWithValues: emptiest.prefix(capacity / 2).map { ($0.key, $0.value) })
    }
}
