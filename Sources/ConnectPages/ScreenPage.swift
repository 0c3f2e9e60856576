/// The page on which a user confirms a flow that came back from its provider.
package struct ScreenPage: Sendable {
    let app: String
    let user: String?
    let integration: String
    let scopes: [String]
    let ticket: String
    let action: String
    let notice: FlowText?

    /// - Parameters:
    ///   - app: the app that gets the access.
    ///   - user: the app's name for its user; `nil` if it has none.
    ///   - ticket: for the form.
    ///   - action: the absolute URL that the form is posted to.
    ///   - notice: why the user is asked once more.
    package init(
        app: String, user: String?, integration: String, scopes: [String], ticket: String, action: String,
        notice: FlowText? = nil
    ) {
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
    package func screen(_ page: ScreenPage, in frame: PageFrame) -> Page {
        render(.screen, ScreenValues(page, frame), in: frame)
    }
}

/// What the template of the same name shows.
private struct ScreenValues: Sendable {
    struct Words: Sendable {
        let back: String
        let app: String
        let user: String
        let noUser: String
        let account: String
        let accountWords: String
        let scopes: String
        let noScopes: String
        let yes: String
        let no: String
    }

    let language: String
    let brand: PageFrame.Brand?
    let appStyle: String?
    let title: String
    let app: String
    let user: String?
    let scopes: [String]
    let ticket: String
    let action: String
    let notice: String?
    let warning: [FilledText.Part]
    let words: Words

    init(_ page: ScreenPage, _ frame: PageFrame) {
        let language = frame.language
        let fillings = ["app": page.app, "integration": page.integration]
        func filled(_ text: FlowText) -> String { FilledText(language[text], fillings).text }
        self.language = language.code
        brand = frame.brand
        appStyle = frame.style
        title = filled(.screenTitle)
        app = page.app
        user = page.user
        scopes = page.scopes
        ticket = page.ticket
        action = page.action
        notice = page.notice.map { language[$0] }
        warning = FilledText(language[.screenWarning], fillings).parts
        words = Words(
            back: filled(.screenBack), app: language[.screenApp], user: language[.screenUser],
            noUser: language[.screenNoUser], account: language[.screenAccount],
            accountWords: filled(.screenAccountWords), scopes: language[.screenScopes],
            noScopes: filled(.screenNoScopes), yes: language[.screenYes], no: language[.screenNo])
    }
}
