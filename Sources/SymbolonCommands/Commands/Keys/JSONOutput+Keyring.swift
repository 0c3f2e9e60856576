import ConnectAPI
import Encodings
import Keyrings
import StateTokens

extension JSONOutput.Members {
    /// What a keyring says of itself, under the file's own names, and its digest.
    ///
    /// - Parameter isKept: whether there is such a ring; if it was only tried, what is random about it
    ///   means nothing.
    mutating func keyring(_ keyring: Keyring, isKept: Bool = true) {
        self.keyring(
            keyring, deployment: isKept ? keyring.deploymentID : nil, digest: isKept ? keyring.digest : nil)
    }

    /// The same for a ring whose deployment stands, with the digest if there is such a ring.
    mutating func keyring(_ keyring: Keyring, digest: String?) {
        self.keyring(keyring, deployment: keyring.deploymentID, digest: digest)
    }

    private mutating func keyring(_ keyring: Keyring, deployment: String?, digest: String?) {
        member("purpose", keyring.purpose.rawValue)
        member("deployment", deployment)
        member("digest", digest)
        member("max_lifetime", Int(keyring.maximumLifetime.components.seconds))
        if keyring.purpose == .state {
            member("session_lifetime", Int(keyring.sessionLifetime.components.seconds))
        }
        member("propagation", Int(keyring.propagation.components.seconds))
        member("skew", Int(keyring.skew.components.seconds))
    }
}
