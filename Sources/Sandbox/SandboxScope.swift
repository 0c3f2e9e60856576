/// A scope that the sandbox knows.
enum SandboxScope: String, Sendable, CaseIterable {
    case profile
    case email

    /// What it allows, in the words of the page that asks for it.
    var meaning: String {
        switch self {
        case .profile: "See your name"
        case .email: "See your email address"
        }
    }

    /// RFC 6749 §3.3: values separated by one space each; doubles count once.
    ///
    /// - Returns: `nil` if one of them is unknown.
    static func parse(_ text: String) -> [SandboxScope]? {
        var scopes: [SandboxScope] = []
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            guard let scope = SandboxScope(rawValue: String(part)) else { return nil }
            if !scopes.contains(scope) { scopes.append(scope) }
        }
        return scopes
    }
}

extension [SandboxScope] {
    /// As requests and responses spell it.
    var text: String { map(\.rawValue).joined(separator: " ") }
}

/// The one account that the sandbox has.
enum SandboxAccount {
    static let id = "sandbox-account-1"
    static let name = "Alex Sandbox"
    static let email = "alex@sandbox.example"
}
