package import Connections
internal import Integrations

/// What a person or an app changes of a connection; `nil` leaves a field as it is.
package struct ConnectionEdit: Sendable, Equatable {
    package let label: String?
    package let tags: [String: String]?
    package let config: [String: String]?
    package let status: EditableStatus?
    /// Whose it is; a changed one makes the binding `imported`.
    package let userID: String?
    /// The revision that the change is based on; without it the last writer wins.
    package let revision: Int64?

    package init(
        label: String? = nil, tags: [String: String]? = nil, config: [String: String]? = nil,
        status: EditableStatus? = nil, userID: String? = nil, revision: Int64? = nil
    ) {
        self.label = label
        self.tags = tags
        self.config = config
        self.status = status
        self.userID = userID
        self.revision = revision
    }
}

/// The statuses that a person may set; the others say what a provider did.
package enum EditableStatus: String, Sendable, CaseIterable {
    case active
    /// Gives no access token, and is not refreshed.
    case inactive
}

/// Why a connection was not changed.
package enum ChangeConnectionError: Error, Equatable {
    /// A value that stands in the integration's URLs, such as a shop or a tenant: another one is another connection.
    case fixedParameter(name: String)
    case store(StoreError)
}

/// Changes what a connection says of itself.
package struct ChangeConnection<Store: ConnectionStore>: Sendable {
    /// How often a change without a revision is tried again where another one came first.
    private static var attemptLimit: Int { 8 }

    private let store: Store
    private let integrations: IntegrationRegistry
    private let audit: AuditLog

    package init(store: Store, integrations: IntegrationRegistry, audit: AuditLog = .silent) {
        self.store = store
        self.integrations = integrations
        self.audit = audit
    }

    /// - Parameter credentialID: whose credential asks for it.
    /// - Throws: ``ChangeConnectionError``; nothing has changed then.
    package func change(
        _ id: ConnectionID, workspaceID: String, by edit: ConnectionEdit, credentialID: String? = nil
    ) async throws(ChangeConnectionError) -> Connection {
        var attempts = 0
        while true {
            attempts += 1
            let found = try await connection(id, workspaceID)
            guard edit.revision == nil || edit.revision == found.revision else {
                throw .store(.revisionConflict)
            }
            let changes = ConnectionChanges(
                label: edit.label,
                status: edit.status.map { ConnectionChanges.Status($0 == .active ? .active : .inactive) },
                config: try edit.config.map { config throws(ChangeConnectionError) in
                    try merged(config, over: found)
                },
                tags: edit.tags,
                userID: edit.userID.flatMap { $0.utf8.elementsEqual((found.userID ?? "").utf8) ? nil : $0 })
            do throws(StoreError) {
                let changed = try await store.update(
                    id, workspaceID: workspaceID, ifRevision: found.revision, changes,
                    note: EventNote(actor: credentialID ?? EventNote.system))
                var event = AuditEvent(.update, of: changed, .success)
                event.credentialID = credentialID
                audit.record(event)
                return changed
            } catch .revisionConflict where edit.revision == nil && attempts < Self.attemptLimit {
                continue
            } catch {
                throw .store(error)
            }
        }
    }

    private func connection(
        _ id: ConnectionID, _ workspaceID: String
    ) async throws(ChangeConnectionError) -> Connection {
        do throws(StoreError) {
            return try await store.existing(id, workspaceID: workspaceID)
        } catch {
            throw .store(error)
        }
    }

    /// The new configuration, with the values that stand in URLs as they were.
    private func merged(
        _ config: [String: String], over connection: Connection
    ) throws(ChangeConnectionError) -> [String: String] {
        let kept = connection.config.filter { isFixed($0.key, in: connection.integrationID) }
        for name in config.keys.sorted() where isFixed(name, in: connection.integrationID) {
            // By octets: strings that Unicode calls equivalent are different values in a URL.
            guard let old = kept[name], let new = config[name], old.utf8.elementsEqual(new.utf8) else {
                throw .fixedParameter(name: name)
            }
        }
        return config.merging(kept) { _, kept in kept }
    }

    /// Whether a value may stand in a URL; of an integration that the catalog lacks, each may.
    private func isFixed(_ name: String, in integrationID: String) -> Bool {
        switch integrations[integrationID] {
        case .configured(let configured): configured.integration.hasParameter(from: name)
        case .unconfigured(let integration, _): integration.hasParameter(from: name)
        case nil: true
        }
    }
}

extension Integration {
    /// Whether a parameter has this name, or its value from a callback's field of this name.
    fileprivate func hasParameter(from name: String) -> Bool {
        parameters.contains { $0.name == name || $0.keptField == name }
    }
}
