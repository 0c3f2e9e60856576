package import ConnectService
internal import HTTPTypes
internal import Hummingbird
package import StateTokens

/// Finds out who a request comes from: `Authorization: Bearer KEY` or `X-API-Key: KEY`.
package struct Authenticator: Sendable {
    private let keys: LiveAPIKeys
    private let now: @Sendable () -> Timestamp

    package init(_ keys: LiveAPIKeys, now: @escaping @Sendable () -> Timestamp = { .now() }) {
        self.keys = keys
        self.now = now
    }

    /// The caller, who has `permission`, and the workspace that the request is about.
    func authorize(
        _ request: Request, _ permission: Permission
    ) throws(APIError) -> (principal: Principal, workspaceID: String) {
        do throws(AccessError) {
            let principal = try principal(of: request)
            try principal.require(permission)
            let chosen = request.headers[.workspaceID]
            let workspaceID = try principal.workspaceID(choosing: chosen.flatMap { $0.isEmpty ? nil : $0 })
            return (principal, workspaceID)
        } catch {
            throw APIError(error)
        }
    }

    private func principal(of request: Request) throws(AccessError) -> Principal {
        let bearer = request.headers[values: .authorization].map(Self.bearerToken)
        let apiKeys = request.headers[values: .apiKey]
        guard !bearer.contains(nil) else { throw .invalidCredential }
        let given = Set(bearer.compactMap { $0 } + apiKeys)
        guard given.count <= 1 else { throw .conflictingCredentials }
        guard let text = given.first, !text.isEmpty else { throw .invalidCredential }
        return try keys.table.principal(for: text, at: now())
    }

    /// RFC 6750 §2.1; the scheme's case does not matter.
    private static func bearerToken(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].drop { $0 == " " }.isEmpty ? nil : String(parts[1].drop { $0 == " " })
    }
}

extension HTTPField.Name {
    static let apiKey = known("X-API-Key")
    static let workspaceID = known("X-Workspace-Id")
    static let secPurpose = known("Sec-Purpose")
    static let purpose = known("Purpose")
    static let referrerPolicy = known("Referrer-Policy")

    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
