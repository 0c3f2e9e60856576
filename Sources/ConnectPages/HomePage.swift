/// The page on which a person connects something and sees how it went: at `/try`, and in development mode at `/`.
///
/// The page itself is public and holds no data: its script asks the API for everything, with a credential. In production
/// that is an API key that an operator types in, which stays in the tab's memory. In development mode the page carries a
/// key that this process made. It begins flows and reads connections but no tokens, so another user of this machine gains
/// nothing by loading the page.
package struct HomePage: Sendable {
    /// What the page has in development mode only.
    package struct Development: Sendable {
        let pageKey: String
        let keyFile: String
        let initiateCommand: String
        let listCommand: String

        /// - Parameters:
        ///   - pageKey: the text of the page's own key.
        ///   - keyFile: the path of the file with the printed API key.
        ///   - publicURL: canonical, so without anything that a shell would take for its own.
        package init(pageKey: String, keyFile: String, publicURL: String) {
            self.pageKey = pageKey
            self.keyFile = ShellWord.quoted(keyFile)
            let header = "-H \"X-API-Key: $(cat \(self.keyFile))\""
            initiateCommand = """
                curl -s \(publicURL)/api/v1/oauth/initiate \\
                  \(header) \\
                  -H 'Content-Type: application/json' \\
                  -d '{"integration_id": "sandbox"}'
                """
            listCommand = """
                curl -s \(publicURL)/api/v1/connections \\
                  \(header)
                """
        }
    }

    let title = "Connect something"
    let tone = "wide"
    let path: String
    let development: Development?

    /// - Parameters:
    ///   - path: that of the service's public URL, without a trailing slash.
    ///   - development: `nil` in production.
    package init(path: String = "", development: Development? = nil) {
        self.path = path
        self.development = development
    }
}

extension Pages {
    package func home(_ page: HomePage) -> Page { render(.home, page) }
}
