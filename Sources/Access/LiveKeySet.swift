package import JSONWebTokens
package import Logging
package import StateTokens
internal import Synchronization

/// A key set as it was read.
package struct KeySetDocument: Sendable {
    package let octets: [UInt8]
    /// How long it may be kept, if its source says so.
    package let lifetime: Duration?

    package init(octets: [UInt8], lifetime: Duration? = nil) {
        self.octets = octets
        self.lifetime = lifetime
    }
}

/// An issuer's public keys, kept up to date.
///
/// They are read again when they are no longer fresh, and when a token's signature does not hold under them: its key may be
/// newer than they are, and need not have a new id. While they cannot be read, those read last stay in force.
package final class LiveKeySet: Sendable {
    /// Reads the key set, from a file or over HTTP.
    package typealias Source = @Sendable () async throws -> KeySetDocument

    /// For how long keys count as fresh if their source does not say, and at most.
    private static var usualLifetime: Duration { .seconds(3600) }
    private static var longestLifetime: Duration { .seconds(24 * 3600) }

    private struct State {
        var keys: JSONWebKeySet?
        /// Counts the sets that were read.
        var generation = 0
        var freshUntil: ContinuousClock.Instant?
        var lastLook: ContinuousClock.Instant?
        var look: Task<Void, Never>?
        var isProblemKnown = false
    }

    private let source: Source
    private let pause: Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter pause: the shortest time between two reads that tokens cause, since anybody can make a bad token.
    package init(pause: Duration = .seconds(10), logger: Logger, from source: @escaping Source) {
        self.source = source
        self.pause = pause
        self.logger = logger
    }

    package var current: JSONWebKeySet? { state.withLock { $0.keys } }

    /// The claims of a token that holds under the keys in force, or under those read because it did not.
    package func claims(
        of token: JSONWebToken, by rules: JSONWebTokenRules, at now: Timestamp
    ) async throws(JSONWebTokenError) -> JSONWebTokenClaims {
        if state.withLock({ $0.freshUntil.map { $0 <= .now } ?? true }) { await look(ifIdleFor: pause) }
        let before = state.withLock { ($0.keys, $0.generation) }
        do throws(JSONWebTokenError) {
            guard let keys = before.0 else { throw .keysUnavailable }
            return try rules.verify(token, keys, at: now)
        } catch {
            guard error.asksForNewerKeys else { throw error }
            await look(ifIdleFor: pause)
            let after = state.withLock { ($0.keys, $0.generation) }
            guard let keys = after.0, after.1 != before.1 else { throw error }
            return try rules.verify(token, keys, at: now)
        }
    }

    /// Reads the keys now, unless a read is running (then it is waited for) or began less than `pause` ago.
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

    /// Reads the keys at every interval until the task is cancelled.
    package func run(every interval: Duration = .seconds(300)) async {
        while !Task.isCancelled {
            await look()
            do {
                // Without any key, try again soon.
                try await Task.sleep(for: current == nil ? .seconds(5) : interval)
            } catch {
                return
            }
        }
    }

    private func reload() async {
        let result: Result<JSONWebKeySet, any Error>
        var lifetime = Self.usualLifetime
        do {
            let document = try await source()
            lifetime = max(pause, min(document.lifetime ?? lifetime, Self.longestLifetime))
            result = .success(try JSONWebKeySet(document.octets))
        } catch {
            result = .failure(error)
        }
        let isNews = state.withLock { [lifetime] state in
            state.look = nil
            switch result {
            case .success(let keys):
                state.generation += 1
                state.freshUntil = .now + lifetime
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
