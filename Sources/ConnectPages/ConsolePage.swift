/// The page on which operators look after connections, integrations and keys: at `/console`, and in production at `/`.
///
/// Like the page for trying a flow it is public and holds no data: its script asks the API for everything, with a
/// credential that the operator types in and that stays in the tab's memory. In development mode it begins with the page's
/// own key, which reads connections, and can neither change nor end one.
package struct ConsolePage: Sendable {
    let title = "Console"
    let tone = "wide"
    let path: String
    let development: HomePage.Development?

    /// - Parameters:
    ///   - path: that of the service's public URL, without a trailing slash.
    ///   - development: `nil` in production.
    package init(path: String = "", development: HomePage.Development? = nil) {
        self.path = path
        self.development = development
    }
}

/// The console's script: a client of the API, under the same rules as ``HomeScript``.
package enum ConsoleScript {
    /// As a content security policy names it.
    package static let hash = ContentHash.source(of: text)

    static let text = [
        EmbeddedFile.elements_js, .page_parts_js, .paging_js, .console_document_js, .console_service_js,
        .console_words_js,
        .console_connections_js, .console_connection_js, .console_integrations_js, .console_deployment_js,
        .console_activity_js,
        .console_views_js, .console_start_js,
    ].map(\.text).joined(separator: "\n")
}

extension Pages {
    package func console(_ page: ConsolePage) -> Page { render(.console, page) }
}
