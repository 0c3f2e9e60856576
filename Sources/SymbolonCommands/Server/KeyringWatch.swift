internal import ConnectService
internal import Keyrings
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Looks every second whether a keyring or the API keys were replaced, and at once when told to by SIGHUP,
/// which also opens the audit log's file anew.
struct KeyringWatch: Service {
    private let keyrings: [LiveKeyring]
    private let apiKeys: LiveAPIKeys
    private let hangups: UnixSignalsSequence
    private let auditFile: AuditFile
    private let logger: Logger

    /// - Parameter hangups: made before anything else starts, for until then the signal ends the process.
    init(
        _ keyrings: [LiveKeyring], _ apiKeys: LiveAPIKeys, hangups: UnixSignalsSequence,
        auditFile: AuditFile, logger: Logger
    ) {
        self.keyrings = keyrings
        self.apiKeys = apiKeys
        self.hangups = hangups
        self.auditFile = auditFile
        self.logger = logger
    }

    func run() async throws {
        for keyring in keyrings where keyring.isMountedAlone {
            logger.warning(
                """
                the keyring's file is a mount of its own (subPath), so another in its place is never seen; \
                mount its folder
                """, metadata: ["purpose": "\(keyring.purpose)"])
        }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await look() }
                group.addTask {
                    for await _ in hangups { reload() }
                }
            }
        }
    }

    private func look() async {
        while !Task.isCancelled {
            for keyring in keyrings { keyring.reloadIfChanged() }
            apiKeys.reloadIfChanged()
            do {
                try await Task.sleep(for: .seconds(1))
            } catch {
                return
            }
        }
    }

    private func reload() {
        logger.notice("SIGHUP: looking at the keyrings and API keys")
        for keyring in keyrings { keyring.reload() }
        apiKeys.reload()
        if let problem = auditFile.reopen() {
            logger.error("the audit log cannot be opened anew", metadata: ["error": "\(problem)"])
        }
    }
}
