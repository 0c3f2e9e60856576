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
        let result: Result<Connection, ChangeConnectionError>
        do throws(StoreError) {
            result = try await store.update(
                id, workspaceID: workspaceID, note: EventNote(actor: credentialID ?? EventNote.system)
            ) { found in changes(by: edit, of: found) }
        } catch {
            throw .store(error)
        }
        let changed = try result.get()
        var event = AuditEvent(.update, of: changed, .success)
        event.credentialID = credentialID
        audit.record(event)
        return changed
    }

    private func changes(
        by edit: ConnectionEdit, of found: Connection
    ) -> Result<ConnectionChanges, ChangeConnectionError> {
        guard edit.revision == nil || edit.revision == found.revision else {
            return .failure(.store(.revisionConflict))
        }
        do throws(ChangeConnectionError) {
            return .success(
                ConnectionChanges(
                    label: edit.label,
                    status: edit.status.map { ConnectionChanges.Status($0 == .active ? .active : .inactive) },
                    config: try edit.config.map { config throws(ChangeConnectionError) in
                        try merged(config, over: found)
                    },
                    tags: edit.tags,
                    userID: edit.userID.flatMap {
                        $0.utf8.elementsEqual((found.userID ?? "").utf8) ? nil : $0
                    }))
        } catch {
            return .failure(error)
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
