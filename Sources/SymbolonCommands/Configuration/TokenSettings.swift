internal import Access
internal import ConnectService
internal import Cryptography
internal import Integrations
internal import JSONWebTokens

/// `credentials.jwt`: which tokens are credentials.
struct TokenSettings {
    let rules: JSONWebTokenRules
    let claims: TokenAuthentication.Claims
    /// What a token permits at most.
    let permissions: Set<Permission>
    /// A file, or an https URL.
    let keySet: String

    var isKeySetRemote: Bool { Self.isURL(keySet) }

    static func isURL(_ text: String) -> Bool { text.hasPrefix("https://") || text.hasPrefix("http://") }

    /// All of what tokens need, or nothing of it.
    static func read(_ reader: inout SettingsReader, allowsInsecureLoopback: Bool) -> TokenSettings? {
        let issuer = reader.text(.tokenIssuer)
        let audience = reader.text(.tokenAudience)
        let keySet = reader.text(.tokenKeySet)
        let algorithms = algorithms(&reader)
        let permissions = permissions(&reader)
        let workspaceClaim = reader.text(.tokenWorkspaceClaim)
        let userClaim = reader.text(.tokenUserClaim)
        let permissionsClaim = reader.text(.tokenPermissionsClaim)
        let needed: [(Setting, String?)] = [
            (.tokenIssuer, issuer), (.tokenAudience, audience), (.tokenKeySet, keySet),
        ]
        let others: [Any?] = [algorithms, permissions, workspaceClaim, userClaim, permissionsClaim]
        guard needed.contains(where: { $0.1 != nil }) || others.contains(where: { $0 != nil }) else {
            return nil
        }
        for (setting, value) in needed where value == nil {
            reader.report("\(setting.name) is missing: without it no token could be judged")
        }
        guard let issuer, let audience, let keySet else { return nil }
        if isURL(keySet) {
            do throws(ProviderURLError) {
                _ = try ProviderURL(keySet, allowsInsecureLoopback: allowsInsecureLoopback)
            } catch {
                reader.report("credentials.jwt.jwks must be an https URL, or a file: \(error)")
            }
        }
        return TokenSettings(
            rules: JSONWebTokenRules(
                issuer: issuer, audience: audience, algorithms: algorithms ?? [.rs256, .es256, .edDSA]),
            claims: TokenAuthentication.Claims(
                workspace: workspaceClaim ?? "workspace_id", user: userClaim, permissions: permissionsClaim),
            permissions: permissions ?? [.initiate, .read, .credentials], keySet: keySet)
    }

    private static func algorithms(_ reader: inout SettingsReader) -> Set<SignatureAlgorithm>? {
        guard let names = reader.list(.tokenAlgorithms) else { return nil }
        let algorithms = names.compactMap(SignatureAlgorithm.init(rawValue:))
        if algorithms.count != names.count || names.isEmpty {
            let known = SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            reader.report("credentials.jwt.algorithms must be among \(known)")
        }
        return Set(algorithms)
    }

    private static func permissions(_ reader: inout SettingsReader) -> Set<Permission>? {
        guard let names = reader.list(.tokenPermissions) else { return nil }
        let permissions = names.compactMap(Permission.init(rawValue:))
        if permissions.count != names.count || names.isEmpty {
            let known = Permission.allCases.map(\.rawValue).joined(separator: ", ")
            reader.report("credentials.jwt.permissions must be among \(known)")
        }
        return Set(permissions)
    }
}
