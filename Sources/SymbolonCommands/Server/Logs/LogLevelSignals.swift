internal import ConnectService
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Has all parts log more at SIGUSR1, and what the settings say at the next.
struct LogLevelSignals: Service {
    let levels: LogLevels
    /// Made before anything else starts, since until then the signal ends the process.
    let signals: UnixSignalsSequence
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                let level = levels.toggle()
                logger.notice("SIGUSR1: log levels changed", metadata: ["levels": "all=\(level)"])
            }
        }
    }
}
