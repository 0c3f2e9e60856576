internal import Connections
internal import Synchronization

/// The access tokens that this replica has handed out and not noted in the store yet.
///
/// A sweep refreshes ahead what is in use, so the store has to know of it. Reading a token must not wait for a write, so
/// reads are kept here and written in batches, one for each connection and hour.
package final class TokenReads: Sendable {
    /// A read is noted when the last one noted was so long ago.
    static let precision = Duration.seconds(3_600)
    /// The most connections that are remembered; what is beyond it is noted at a later read.
    private static let limit = 10_000

    private let pending = Mutex<[ConnectionID: TokenRead]>([:])

    package init() {}

    func note(_ read: TokenRead) {
        pending.withLock { pending in
            guard pending.count < Self.limit || pending[read.id] != nil else { return }
            pending[read.id] = read
        }
    }

    /// Takes up to `count` of them out.
    func take(_ count: Int) -> [TokenRead] {
        pending.withLock { pending in
            let reads = Array(pending.values.prefix(count))
            for read in reads { pending[read.id] = nil }
            return reads
        }
    }

    package var count: Int { pending.withLock { $0.count } }
}
