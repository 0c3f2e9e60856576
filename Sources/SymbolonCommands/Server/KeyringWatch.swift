internal import Access
internal import ConnectService
internal import Keyrings
internal import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import UnixSignals

/// Checks every second whether a keyring, the API keys, an entry or the workspaces were replaced, and at once on SIGHUP,
/// which also has the audit log's file opened again.
struct KeyringWatch: Service {
    private let keyrings: [LiveKeyring]
    private let apiKeys: LiveAPIKeys
    private let definitions: LiveDefinitions
    private let hangups: UnixSignalsSequence
    private let auditFile: AuditFile
    private let logger: Logger

    /// - Parameter hangups: made before anything else starts, since until then the signal ends the process.
    init(
        _ keyrings: [LiveKeyring], _ apiKeys: LiveAPIKeys, _ definitions: LiveDefinitions,
        hangups: UnixSignalsSequence,
        auditFile: AuditFile, logger: Logger
    ) {
        self.keyrings = keyrings
        self.apiKeys = apiKeys
        self.definitions = definitions
        self.hangups = hangups
        self.auditFile = auditFile
        self.logger = logger
    }

    func run() async throws {
        for keyring in keyrings where keyring.isMountedAlone {
            logger.warning(
                """
                the keyring's file is a mount of its own (subPath), so replacing the file has no effect; \
                mount its folder
                """, metadata: ["purpose": "\(keyring.purpose)"])
        }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await look() }
                group.addTask {
                    for await _ in hangups { await reload() }
                }
            }
        }
    }

    private func look() async {
        await Self.look(logger: logger) {
            try await NIOThreadPool.singleton.runIfActive {
                for keyring in keyrings { keyring.reloadIfChanged() }
                apiKeys.reloadIfChanged()
                definitions.reloadIfChanged()
            }
        }
    }

    /// Looks until the task is cancelled. A look that could not be had is said once, and the next may go well.
    static func look(
        logger: Logger, pausing: () async throws -> Void = { try await Task.sleep(for: .seconds(1)) },
        _ body: () async throws -> Void
    ) async {
        var lastFailure: String?
        while !Task.isCancelled {
            do {
                try await body()
                lastFailure = nil
            } catch is CancellationError {
                return
            } catch {
                let failure = "\(error)"
                if failure != lastFailure {
                    logger.error(
                        "the files could not be looked at; trying again", metadata: ["error": "\(failure)"])
                }
                lastFailure = failure
            }
            do {
                try await pausing()
            } catch {
                return
            }
        }
    }

    private func reload() async {
        logger.notice("SIGHUP: looking at the keyrings, API keys, integrations and workspaces")
        do {
            try await NIOThreadPool.singleton.runIfActive {
                for keyring in keyrings { keyring.reload() }
                apiKeys.reload()
                definitions.reload()
            }
        } catch {
            logger.error("the files could not be looked at", metadata: ["error": "\(error)"])
        }
        auditFile.reopen()
    }
}
