internal import Access
import ConnectService
import Keyrings
import StateTokens

/// Why a command did not do what it was asked.
struct CommandError: Error {
    /// What to exit with.
    let status: ExitStatus
    /// What is wrong and what to do about it, without any secret.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension CommandError {
    init(_ error: KeyringFileError) {
        let status: ExitStatus =
            switch error {
            case .alreadyExists, .change: .refused
            case .keyring(.unavailable), .locked: .unavailable
            case .notFound, .inaccessible, .notAFile, .tooOpen, .tooLarge, .invalid, .unsupportedVersion,
                .wrongPurpose, .weakMaterial, .keyring, .mounted, .ownerNotKept:
                .configuration
            }
        self.init(status, "\(error)")
    }

    /// - Parameter path: the file whose contents are wrong; what is wrong with the file as such names it already.
    init(_ error: KeyringFileError, in path: String) {
        let named = CommandError(error)
        switch error {
        case .invalid, .unsupportedVersion, .wrongPurpose, .weakMaterial, .keyring:
            self.init(named.status, "\(path): \(named.message)")
        case .notFound, .inaccessible, .notAFile, .tooOpen, .tooLarge, .alreadyExists, .locked, .mounted,
            .ownerNotKept, .change:
            self = named
        }
    }

    init(_ error: KeyringError) { self.init(KeyringFileError.keyring(error)) }

    init(_ error: TinkKeysetError) {
        switch error {
        case .keyring(let error): self.init(error)
        case .nothingSeals, .encrypted, .unsupported: self.init(.refused, "\(error)")
        case .invalid, .noPrimaryKey: self.init(.configuration, "\(error)")
        }
    }

    init(_ error: APIKeyFileError) { self.init(.configuration, "\(error)") }
}
