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
