/// A page, written out.
package struct Page: Sendable, Equatable {
    package let html: String
    /// The page looks again by itself after so many seconds.
    package let refreshSeconds: Int?
    /// The one of several that the reader prefers; `nil` for a page that is there in one alone.
    let language: String?
    /// The style of the app that the page belongs to, beside the page's own.
    let appStyle: String?
    let hasLogo: Bool

    init(html: String, refreshSeconds: Int? = nil, frame: PageFrame? = nil) {
        self.html = html
        self.refreshSeconds = refreshSeconds
        language = frame?.language.code
        appStyle = frame?.style
        hasLogo = frame?.brand?.logo != nil
    }
}

/// Why there are no pages: a mistake of ours, found when the process starts.
package enum PageError: Error, Equatable {
    /// The template does not parse.
    case template(name: String, reason: String)
}
