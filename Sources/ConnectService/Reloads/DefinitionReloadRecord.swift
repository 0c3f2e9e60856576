package import Logging
package import Metrics

/// Puts what became of the files of the catalog and the workspaces into the log and the metrics, each thing once.
package struct DefinitionReloadRecord: Sendable {
    private let logger: Logger
    private let metrics: any MetricsFactory

    package init(logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory) {
        self.logger = logger
        self.metrics = metrics
    }

    package func note(_ outcome: LiveDefinitions.Outcome) {
        switch outcome {
        case .unchanged: return
        case .replaced:
            count("replaced")
            logger.notice("integrations and workspaces replaced")
        case .refused(let problem):
            count("refused")
            logger.error(
                "integrations and workspaces rejected; the previous ones stay active",
                metadata: ["part": "\(problem.part.rawValue)", "error": "\(problem.description)"])
        case .restored:
            count("restored")
            logger.notice("integrations and workspaces are good again")
        }
    }

    private func count(_ outcome: String) {
        metrics.makeCounter(
            label: ServiceMetric.definitionReloads.rawValue, dimensions: [("outcome", outcome)]
        ).increment(by: 1)
    }
}
