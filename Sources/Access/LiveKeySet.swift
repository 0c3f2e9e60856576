package import JSONWebTokens
package import Logging
internal import Synchronization

/// An issuer's public keys, which follow where they are published: fetched again from time to time, and at once when a
/// token names a key that is not there yet. What was fetched last stays in force while nothing better comes.
package final class LiveKeySet: Sendable {
    /// The octets of the key set, from a file or over HTTP.
    package typealias Source = @Sendable () async throws -> [UInt8]

    private struct State {
        var keys: JSONWebKeySet?
        var lastLook: ContinuousClock.Instant?
        var look: Task<Void, Never>?
        var isProblemKnown = false
    }

    private let source: Source
    private let pause: Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter pause: a token with an unknown key makes it look at most that often: anybody can make such tokens.
    package init(pause: Duration = .seconds(10), logger: Logger, from source: @escaping Source) {
        self.source = source
        self.pause = pause
        self.logger = logger
    }

    package var current: JSONWebKeySet? { state.withLock { $0.keys } }

    /// The keys in force, after one look if they lack this one.
    package func keys(with keyID: String?) async -> JSONWebKeySet? {
        if let current, current.has(keyID: keyID) { return current }
        await look(ifIdleFor: pause)
        return current
    }

    /// Looks now, unless a look is running or ended a moment ago.
    package func look(ifIdleFor pause: Duration = .zero) async {
        let task: Task<Void, Never>? = state.withLock { state in
            if let look = state.look { return look }
            if let last = state.lastLook, last.duration(to: .now) < pause { return nil }
            state.lastLook = .now
            let look = Task { await self.reload() }
            state.look = look
            return look
        }
        await task?.value
    }

    /// Looks every so often until the task is cancelled.
    package func run(every interval: Duration = .seconds(300)) async {
        while !Task.isCancelled {
            await look()
            do {
                // Without any key it goes on trying.
                try await Task.sleep(for: current == nil ? .seconds(5) : interval)
            } catch {
                return
            }
        }
    }

    private func reload() async {
        let result: Result<JSONWebKeySet, any Error>
        do {
            result = .success(try await JSONWebKeySet(try await source()))
        } catch {
            result = .failure(error)
        }
        let isNews = state.withLock { state in
            state.look = nil
            switch result {
            case .success(let keys):
                let isNews = state.isProblemKnown || state.keys?.keyIDs != keys.keyIDs
                state.keys = keys
                state.isProblemKnown = false
                return isNews
            case .failure:
                let isNews = !state.isProblemKnown
                state.isProblemKnown = true
                return isNews
            }
        }
        guard isNews else { return }
        switch result {
        case .success(let keys):
            logger.notice("key set read", metadata: ["key_ids": "\(keys.keyIDs.joined(separator: ","))"])
        case .failure(let error):
            logger.error("key set cannot be used; the one before stays", metadata: ["error": "\(error)"])
        }
    }
}
