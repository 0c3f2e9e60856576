import Keyrings
import StateTokens

extension KeyringSource {
    /// The keyring that a setting names.
    ///
    /// - Throws: ``CommandError`` that says the setting and the file.
    func loaded(for purpose: Keyring.Purpose) throws(CommandError) -> Keyring {
        do throws(KeyringFileError) {
            return try load(purpose)
        } catch {
            let setting = purpose == .state ? Setting.stateKeyring : .connectionsKeyring
            let found = CommandError(error, in: description)
            throw CommandError(found.status, "\(setting.name): \(found.message)")
        }
    }
}
