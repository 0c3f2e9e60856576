import Synchronization

/// A provider that ends the family when a refresh token is used twice.
final class StrictRefreshes: Sendable {
    private struct State {
        var number = 1
        var used: Set<String> = []
        var reused: [String] = []
    }

    private let state = Mutex(State())

    var number: Int { state.withLock(\.number) }
    var reused: [String] { state.withLock(\.reused) }

    func answer(to call: TokenEndpoint.Call) -> TokenEndpoint.Answer {
        guard let token = call.fields["refresh_token"] else { return .json(Grant.json()) }
        return state.withLock { state in
            guard state.used.insert(token).inserted else {
                state.reused.append(token)
                return Grant.error("invalid_grant")
            }
            state.number += 1
            return .json(
                Grant.json(token: "access-\(state.number)", refresh: "refresh-\(state.number)"))
        }
    }
}
