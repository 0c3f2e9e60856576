internal import ConnectService
internal import Logging
internal import ServiceLifecycle

/// Says at the end how many callbacks were opened under each key, in one line: `keys=1f3a9c02:120,5b00c1d2:7`.
struct CallbackSummary: Service {
    let counts: CallbackCounts
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        let opened = counts.openedByKey
        logger.info(
            "callbacks opened",
            metadata: [
                "keys": "\(opened.map { "\($0.id):\($0.count)" }.joined(separator: ","))",
                "total": "\(opened.reduce(0) { $0 + $1.count })",
            ])
    }
}
