package import Encodings
internal import Synchronization

/// How many connections each address holds, so that none takes them all.
package final class ConnectionShares: Sendable {
    package enum Answer: Sendable, Equatable {
        /// It is given back when the connection ends.
        case granted
        /// - Parameter isNews: no address had more than its share for a minute.
        case refused(isNews: Bool)
    }

    private struct State {
        var counts: [AddressBlock: Int] = [:]
        var lastRefusal: ContinuousClock.Instant?
    }

    private let limit: Int
    private let proxies: TrustedProxies
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: connections of one address.
    ///   - proxies: the operator's own, which hold the connections of everybody behind them.
    package init(limit: Int, except proxies: TrustedProxies = TrustedProxies()) {
        self.limit = limit
        self.proxies = proxies
    }

    package func take(_ address: IPAddress, at now: ContinuousClock.Instant = .now) -> Answer {
        guard !proxies.contains(address) else { return .granted }
        return state.withLock { state in
            let block = AddressBlock(address)
            let count = state.counts[block] ?? 0
            guard count < limit else {
                let isNews = state.lastRefusal.map { now - $0 > .seconds(60) } ?? true
                state.lastRefusal = now
                return .refused(isNews: isNews)
            }
            state.counts[block] = count + 1
            return .granted
        }
    }

    package func release(_ address: IPAddress) {
        guard !proxies.contains(address) else { return }
        state.withLock { state in
            let block = AddressBlock(address)
            let count = state.counts[block] ?? 0
            state.counts[block] = count > 1 ? count - 1 : nil
        }
    }
}
