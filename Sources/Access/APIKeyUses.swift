package import StateTokens
internal import Synchronization

/// When each API key was last used here: an atomic for each key, to the minute, so that a request costs a read of it and
/// one in a minute a write.
package final class APIKeyUses: Sendable {
    /// When one key was last used.
    final class Entry: Sendable {
        private let seconds = Atomic<Int64>(0)

        /// `nil`: never.
        var time: Timestamp? {
            let seconds = seconds.load(ordering: .relaxed)
            return seconds == 0 ? nil : Timestamp(secondsSinceEpoch: seconds)
        }

        func note(_ now: Timestamp) {
            let minute = now.secondsSinceEpoch - now.secondsSinceEpoch % APIKeyUses.precision
            // Written once in a minute, so that the cores of all event loops keep a copy of it.
            if seconds.load(ordering: .relaxed) < minute { seconds.store(minute, ordering: .relaxed) }
        }
    }

    /// How exact the times are, in seconds.
    package static let precision: Int64 = 60

    private struct Content {
        /// A key that goes from its file and comes back is the same key.
        var entries: [String: Entry] = [:]
        var noted: [String: Timestamp] = [:]
    }

    private let content = Mutex(Content())

    package init() {}

    func entry(of id: String) -> Entry {
        content.withLock { content in
            let entry = content.entries[id] ?? Entry()
            content.entries[id] = entry
            return entry
        }
    }

    /// What is to be noted: the keys that were used since the last call of ``noted(_:)`` that had them.
    package var pending: [String: Timestamp] {
        content.withLock { content in
            var pending: [String: Timestamp] = [:]
            for (id, entry) in content.entries {
                guard let time = entry.time, content.noted[id].map({ $0 < time }) ?? true else { continue }
                pending[id] = time
            }
            return pending
        }
    }

    /// Says that these are where all replicas find them.
    package func noted(_ uses: [String: Timestamp]) {
        content.withLock { content in content.noted.merge(uses) { max($0, $1) } }
    }
}
