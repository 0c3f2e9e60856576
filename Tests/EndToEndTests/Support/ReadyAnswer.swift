import NIOHTTP1
import TestSupport
import Testing

/// What `/readyz` says.
struct ReadyAnswer: Decodable, Sendable {
    struct Keyring: Decodable, Sendable {
        let digest: String
        let sealing_key: String?
        let next_activation: String?
        let reloaded_at: String?
        let problem: String?
    }

    struct Keyrings: Decodable, Sendable {
        let state: Keyring
        let connections: Keyring
    }

    let status: String
    let degraded: [String]
    let keyrings: Keyrings
}

extension SymbolonServer {
    func ready() async throws -> ReadyAnswer {
        let answer = try await send(.GET, "/readyz")
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded()
    }

    /// What `/readyz` says once `holds` does: an operator is promised 2 seconds.
    @discardableResult
    func ready(
        within limit: Duration = .seconds(2), sourceLocation: SourceLocation = #_sourceLocation,
        _ holds: (ReadyAnswer) -> Bool
    ) async throws -> ReadyAnswer {
        let deadline = ContinuousClock.now + limit
        while true {
            let answer = try await ready()
            if holds(answer) { return answer }
            if ContinuousClock.now >= deadline {
                Issue.record("not within \(limit): \(answer)", sourceLocation: sourceLocation)
                return answer
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
