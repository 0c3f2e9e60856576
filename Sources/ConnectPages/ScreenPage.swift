/// The page on which a user confirms a flow that came back from its provider.
package struct ScreenPage: Sendable {
    let title: String
    let app: String
    let user: String?
    let integration: String
    let scopes: [String]
    let ticket: String
    let action: String
    let notice: String?

    /// - Parameters:
    ///   - app: the app that gets the access.
    ///   - user: the app's name for its user; `nil` if it has none.
    ///   - ticket: for the form.
    ///   - action: the absolute URL that the form is posted to.
    ///   - notice: why the user is asked once more.
    package init(
        app: String, user: String?, integration: String, scopes: [String], ticket: String, action: String,
        notice: String? = nil
    ) {
        title = "Connect your \(integration) account to \(app)?"
        self.app = app
        self.user = user
        self.integration = integration
        self.scopes = scopes
        self.ticket = ticket
        self.action = action
        self.notice = notice
    }
}

extension Pages {
    package func screen(_ page: ScreenPage) -> Page { render(.screen, page) }
}
