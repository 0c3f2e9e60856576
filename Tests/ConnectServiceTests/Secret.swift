import StateTokens

/// A secret that an app's server keeps in one user's session.
struct Secret: Sendable {
    let text: String

    static let a = Secret(text: "the secret in the session of user A")
    static let b = Secret(text: "the secret in the session of user B")

    var binding: String { Binding(secret: text).text }
}
