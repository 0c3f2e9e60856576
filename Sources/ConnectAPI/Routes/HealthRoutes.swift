internal import ConnectService
internal import Connections
internal import Encodings
internal import Hummingbird
internal import StateTokens

/// `/healthz` and `/readyz`.
struct HealthRoutes<Store: ConnectionStore>: Sendable {
    private let readiness: Readiness<Store>

    init(_ readiness: Readiness<Store>) { self.readiness = readiness }

    func health(_ request: Request, _ context: APIContext) -> Response {
        .json { $0.member("status", "ok") }
    }

    /// 503 only without a sealing key. A broken store must not take every replica out, since initiates go on without it.
    func ready(_ request: Request, _ context: APIContext) async -> Response {
        let report = await readiness.report()
        return .json(report.isReady ? .ok : .serviceUnavailable, capacity: 1024) { answer in
            let isWhole = report.degraded.isEmpty
            answer.member("status", report.isReady ? (isWhole ? "ready" : "degraded") : "not_ready")
            answer.array("degraded") { parts in for part in report.degraded { parts.element(part) } }
            let store = report.isStoreUp.map { $0 ? "up" : "down" } ?? "none"
            answer.object("store") { answer in
                answer.member("status", store)
                answer.member("problem", report.storeProblem)
            }
            answer.object("keyrings") { keyrings in
                keyrings.object("state") { Self.write(report.stateKeyring, to: &$0) }
                guard let connections = report.connectionsKeyring else { return }
                keyrings.object("connections") { Self.write(connections, to: &$0) }
            }
        }
    }

    private static func write(_ report: KeyringReadiness, to answer: inout JSONOutput.Members) {
        answer.member("digest", report.digest)
        answer.member("sealing_key", report.sealingKey?.description)
        answer.member("next_activation", report.nextActivation?.rfc3339)
        answer.member("reloaded_at", report.reloadedAt?.rfc3339)
        answer.member("problem", report.problem)
    }
}
