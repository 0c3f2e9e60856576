/// How sure we are that the user who authorized is the user who asked.
package enum FlowBinding: String, Sendable, Hashable, CaseIterable {
    /// The app's server confirmed it with the secret that only that user's session has.
    case confirmed
    /// A person confirmed it on our page, in the browser that came back from the provider.
    case screen
    /// The callback alone made the connection.
    case direct
    /// It was imported, or its user was changed later.
    case imported
}
