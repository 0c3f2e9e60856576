import StateTokens
import Synchronization

/// The grants of a provider that forgives nothing: a refresh token that comes a second time ends its grant, and so does
/// one that comes too late.
final class StrictGrants: Sendable {
    /// How the provider of an integration treats its grants.
    struct Policy: Sendable {
        /// Whether each refresh brings another refresh token, and spends the one before.
        var rotates = false
        var hasRefreshToken = true
        /// Of an access token; `nil`: no one says.
        var tokenLifetime: Duration? = .seconds(3_600)
        /// After how long without a refresh a grant ends.
        var idleLifetime: Duration?
    }

    /// The refresh token of a grant that rotates.
    struct Rotation: Hashable {
        let number: Int
        let serial: Int
    }

    private struct Standing {
        let integrationID: String
        var serial = 0
        var accessEnd: Timestamp?
        var idleEnd: Timestamp?
        var isRevoked = false
    }

    private struct State {
        var grants: [Int: Standing] = [:]
        var isDown: Set<String> = []
        var refreshCount = 0
        var reused: [Int] = []
        var lapsed: [Int] = []
    }

    private let policies: [String: Policy]
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameter policies: by the ids of integrations.
    init(_ policies: [String: Policy], now: @escaping @Sendable () -> Timestamp) {
        self.policies = policies
        self.now = now
    }

    var refreshCount: Int { state.withLock { $0.refreshCount } }
    /// Whose refresh token came a second time.
    var reused: [Int] { state.withLock { $0.reused } }
    /// Whose refresh token came when it was over.
    var lapsed: [Int] { state.withLock { $0.lapsed } }

    /// The newest refresh token of each grant that lives and rotates.
    var rotations: Set<Rotation> {
        state.withLock { state in
            let rotating = state.grants.filter { _, grant in
                !grant.isRevoked && policies[grant.integrationID]?.rotates ?? false
            }
            return Set(rotating.map { Rotation(number: $0.key, serial: $0.value.serial) })
        }
    }

    static func code(_ number: Int) -> String { "code-\(number)" }

    /// Takes an integration's token endpoint away, or puts it back.
    func setDown(_ isDown: Bool, _ integrationID: String) {
        state.withLock { state in
            if isDown { state.isDown.insert(integrationID) } else { state.isDown.remove(integrationID) }
        }
    }

    func isDown(_ integrationID: String) -> Bool { state.withLock { $0.isDown.contains(integrationID) } }

    /// As a user does at the provider, and tells no one.
    func revoke(_ number: Int) { state.withLock { $0.grants[number]?.isRevoked = true } }

    func isRevoked(_ number: Int) -> Bool { state.withLock { $0.grants[number]?.isRevoked ?? true } }

    /// Whether the API takes this token: the newest one, before its end.
    func isGood(_ accessToken: String) -> Bool {
        guard let (number, serial) = Self.parts(accessToken, "access") else { return false }
        let now = now()
        return state.withLock { state in
            guard let grant = state.grants[number] else { return false }
            return !grant.isRevoked && grant.serial == serial && grant.accessEnd.map { $0 > now } ?? true
        }
    }

    /// The refresh token that is good now.
    func refreshToken(of number: Int) -> String? {
        state.withLock { state in
            state.grants[number].flatMap { grant in
                guard let policy = policies[grant.integrationID], policy.hasRefreshToken else { return nil }
                return Self.refreshToken(number, policy.rotates ? grant.serial : 0)
            }
        }
    }

    func answer(_ call: TokenEndpoint.Call) -> TokenEndpoint.Answer {
        let integrationID = String(call.path.split(separator: "/").last ?? "")
        let now = now()
        return state.withLock { state in
            guard let policy = policies[integrationID] else { return .json("{}", status: 404) }
            guard !state.isDown.contains(integrationID) else { return .json("{}", status: 503) }
            if let number = Self.parts(call.fields["code"] ?? "", "code")?.0 {
                state.grants[number] = Standing(integrationID: integrationID)
                return .json(Self.issue(number, policy, at: now, &state))
            }
            guard let (number, serial) = Self.parts(call.fields["refresh_token"] ?? "", "refresh"),
                let grant = state.grants[number], !grant.isRevoked
            else { return Grant.error("invalid_grant") }
            if policy.rotates, serial != grant.serial {
                state.reused.append(number)
                state.grants[number]?.isRevoked = true
                return Grant.error("invalid_grant")
            }
            if let end = grant.idleEnd, end <= now {
                state.lapsed.append(number)
                state.grants[number]?.isRevoked = true
                return Grant.error("invalid_grant")
            }
            state.refreshCount += 1
            state.grants[number]?.serial += 1
            return .json(Self.issue(number, policy, isRefresh: true, at: now, &state))
        }
    }

    private static func issue(
        _ number: Int, _ policy: Policy, isRefresh: Bool = false, at now: Timestamp, _ state: inout State
    ) -> String {
        state.grants[number]?.accessEnd = policy.tokenLifetime.map { now + $0 }
        state.grants[number]?.idleEnd = policy.idleLifetime.map { now + $0 }
        let serial = state.grants[number]?.serial ?? 0
        let isNew = policy.hasRefreshToken && (policy.rotates || !isRefresh)
        return Grant.json(
            token: "access-\(number)-\(serial)", refresh: isNew ? refreshToken(number, serial) : nil,
            expiresIn: policy.tokenLifetime.map { Int($0.components.seconds) }, account: "account-\(number)")
    }

    private static func refreshToken(_ number: Int, _ serial: Int) -> String { "refresh-\(number)-\(serial)" }

    /// The numbers in `KIND-NUMBER` or `KIND-NUMBER-SERIAL`.
    private static func parts(_ text: String, _ kind: String) -> (Int, Int)? {
        let parts = text.split(separator: "-")
        guard parts.count >= 2, parts[0] == kind, let number = Int(parts[1]) else { return nil }
        return (number, parts.count > 2 ? Int(parts[2]) ?? -1 : 0)
    }
}
