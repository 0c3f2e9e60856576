package import Logging
internal import Synchronization

/// From which level on each part of the service logs. It changes while the service runs.
package final class LogLevels: Sendable {
    package enum Part: String, CaseIterable, Sendable {
        /// Start and end, the store, files of settings.
        case service
        /// Connections and requests of clients.
        case http
        /// Callbacks and exchanges.
        case flows
        /// Refreshing, testing, importing and revoking.
        case connections
        /// Keyrings, API keys and key sets.
        case keys
        case webhooks
        /// Traces on their way to the collector.
        case tracing

        /// What loggers of this part are called.
        package var label: String { self == .service ? "symbolon" : "symbolon.\(rawValue)" }

        /// - Parameter label: a logger's; any other than those above is the service's own.
        package init(label: String) {
            self = Self.allCases.first { $0.label == label } ?? .service
        }

        fileprivate var shift: UInt64 {
            switch self {
            case .service: 0
            case .http: 4
            case .flows: 8
            case .connections: 12
            case .keys: 16
            case .webhooks: 20
            case .tracing: 24
            }
        }
    }

    /// What the settings say.
    package let configured: Logger.Level
    /// Four bits each, so that a line costs one look.
    private let levels = Atomic<UInt64>(0)
    private let writing = Mutex(())

    package init(_ configured: Logger.Level) {
        self.configured = configured
        reset()
    }

    package func level(of part: Part) -> Logger.Level {
        Self.level((levels.load(ordering: .relaxed) >> part.shift) & 0xF)
    }

    /// - Parameter changes: `nil` brings back what the settings say. Parts that are not named stay as they are.
    package func change(_ changes: [Part: Logger.Level?]) {
        writing.withLock { _ in
            var bits = levels.load(ordering: .relaxed)
            for (part, level) in changes {
                bits &= ~(0xF << part.shift)
                bits |= Self.bits(level ?? configured) << part.shift
            }
            levels.store(bits, ordering: .relaxed)
        }
    }

    /// All parts as the settings say.
    package func reset() { setAll(configured) }

    /// Between what the settings say and more than that, `debug` or, where that is configured, `trace`.
    ///
    /// - Returns: what all parts have now.
    package func toggle() -> Logger.Level {
        let isConfigured = Part.allCases.allSatisfy { level(of: $0) == configured }
        let next = isConfigured ? (configured <= .debug ? .trace : .debug) : configured
        setAll(next)
        return next
    }

    private func setAll(_ level: Logger.Level) {
        change(Dictionary(uniqueKeysWithValues: Part.allCases.map { ($0, Logger.Level?.some(level)) }))
    }

    private static func bits(_ level: Logger.Level) -> UInt64 {
        switch level {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }

    private static func level(_ bits: UInt64) -> Logger.Level {
        switch bits {
        case 0: .trace
        case 1: .debug
        case 2: .info
        case 3: .notice
        case 4: .warning
        case 5: .error
        default: .critical
        }
    }
}
