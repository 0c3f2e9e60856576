internal import Connections
package import Metrics

/// How many flows made or renewed a connection, by how they were bound.
package struct ConnectionCounts: Sendable {
    private let confirmed: any CounterHandler
    private let screen: any CounterHandler
    private let direct: any CounterHandler

    package init(metrics: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ binding: FlowBinding) -> any CounterHandler {
            metrics.makeCounter(
                label: ServiceMetric.connections.rawValue, dimensions: [("binding", binding.rawValue)])
        }
        confirmed = counter(.confirmed)
        screen = counter(.screen)
        direct = counter(.direct)
    }

    func made(_ binding: FlowBinding) {
        switch binding {
        case .confirmed: confirmed.increment(by: 1)
        case .screen: screen.increment(by: 1)
        case .direct: direct.increment(by: 1)
        // No flow: imports are counted as such.
        case .imported: break
        }
    }
}
