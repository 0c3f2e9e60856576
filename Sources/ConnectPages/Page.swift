/// A page, written out.
package struct Page: Sendable, Equatable {
    package let html: String
    /// The page looks again by itself after so many seconds.
    package let refreshSeconds: Int?

    init(html: String, refreshSeconds: Int? = nil) {
        self.html = html
        self.refreshSeconds = refreshSeconds
    }
}

/// Why there are no pages: a mistake of ours, found when the process starts.
package enum PageError: Error, Equatable {
    /// The template does not parse.
    case template(name: String, reason: String)
}
