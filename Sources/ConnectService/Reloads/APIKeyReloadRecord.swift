package import Access
package import Logging

/// Puts what became of the file of API keys into the log, each thing once.
package struct APIKeyReloadRecord: Sendable {
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    package func note(_ outcome: LiveAPIKeys.Outcome) {
        switch outcome {
        case .unchanged: return
        case .replaced(let count): logger.notice("API keys replaced", metadata: ["count": "\(count)"])
        case .refused(let error):
            logger.error(
                "API keys rejected; the previous ones stay active", metadata: ["error": "\(error)"])
        case .restored: logger.notice("API keys are good again")
        }
    }
}
