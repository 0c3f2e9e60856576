import Foundation
import StateTokens

/// What an app's server keeps in a user's session in confirm mode, and the binding that it sends.
struct BindingSecret: Sendable {
    let text = UUID().uuidString

    var binding: String { Binding(secret: text).text }

    /// The member of an initiate request's body.
    var member: String { #", "binding": "\#(binding)""# }
}
