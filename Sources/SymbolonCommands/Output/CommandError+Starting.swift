internal import Access
internal import ConnectService
internal import Connections
internal import Integrations
internal import Keyrings

extension CommandError {
    /// What keeps the service from starting, with the status that says which kind it is.
    init?(starting error: any Error) {
        switch error {
        case let error as CommandError: self = error
        case let error as ConfigurationError: self.init(.configuration, error.description)
        case let error as KeyringFileError: self.init(error)
        case let error as APIKeyFileError: self.init(error)
        case let error as WorkspaceFileError: self.init(.configuration, error.description)
        case let error as CatalogError: self.init(.configuration, error.description)
        case StoreError.unavailable(let reason, .newer): self.init(.configuration, "\(reason).")
        case StoreError.unavailable(let reason, _):
            self.init(.unavailable, "the store cannot be opened: \(reason)")
        case StoreError.corrupt(let reason): self.init(.configuration, "the store cannot be used: \(reason)")
        default: return nil
        }
    }
}
