/// What a credential lets its holder do.
package enum Permission: String, Sendable, CaseIterable {
    /// Begin and complete flows.
    case initiate
    /// See connections.
    case read
    /// Use connections: see access tokens, refresh them.
    case credentials
    /// Delete connections, see what operators see.
    case admin
    /// Do what concerns the whole deployment: revoke grants of all workspaces.
    case operate
}
