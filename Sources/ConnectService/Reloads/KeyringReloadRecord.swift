package import Keyrings
package import Logging
package import Metrics
package import StateTokens

/// Puts what became of a keyring's file into the log and the metrics, each thing once.
package struct KeyringReloadRecord: Sendable {
    private let purpose: Keyring.Purpose
    private let logger: Logger
    private let metrics: any MetricsFactory

    package init(
        _ purpose: Keyring.Purpose, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.purpose = purpose
        self.logger = logger
        self.metrics = metrics
    }

    package func note(_ outcome: LiveKeyring.Outcome) {
        switch outcome {
        case .unchanged: return
        case .replaced(let keyring):
            count("replaced")
            let now = Timestamp.now()
            logger.notice(
                "keyring replaced",
                metadata: [
                    "purpose": "\(purpose)", "digest": "\(keyring.digest)",
                    "sealing_key": "\(keyring.sealingKey(at: now)?.id.description ?? "none")",
                    "next_activation": "\(keyring.nextActivation(after: now)?.rfc3339 ?? "none")",
                ])
        case .refused(let error):
            count("refused")
            logger.error(
                "keyring rejected; the previous one stays active",
                metadata: ["purpose": "\(purpose)", "reason": "\(error.code)", "error": "\(error)"])
        case .restored:
            count("restored")
            logger.notice("keyring is good again", metadata: ["purpose": "\(purpose)"])
        }
    }

    private func count(_ outcome: String) {
        metrics.makeCounter(
            label: ServiceMetric.keyringReloads.rawValue,
            dimensions: [("purpose", purpose.rawValue), ("outcome", outcome)]
        ).increment(by: 1)
    }
}
