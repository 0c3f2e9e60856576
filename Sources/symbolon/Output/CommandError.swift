import ConnectService
import Keyrings
import StateTokens

/// Why a command did not do what it was asked: the status to exit with, and a message that says what to do about it.
struct CommandError: Error {
    let status: ExitStatus
    /// Goes to standard error after `error: `; without any secret.
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
            case .alreadyExists: .refused
            case .keyring(.unavailable): .unavailable
            case .notFound, .inaccessible, .notAFile, .tooOpen, .tooLarge, .invalid, .unsupportedVersion,
                .wrongPurpose, .weakMaterial, .keyring:
                .configuration
            }
        self.init(status, "\(error)")
    }

    init(_ error: KeyringError) { self.init(KeyringFileError.keyring(error)) }

    init(_ error: APIKeyFileError) { self.init(.configuration, "\(error)") }
}
