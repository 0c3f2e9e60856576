/// How an app shows itself on the pages for its users.
package struct AppTheme: Sendable, Equatable {
    let app: String?
    let logo: String?
    private let accent: String?
    private let darkAccent: String?

    /// - Parameters:
    ///   - app: its name; `nil` if it has none.
    ///   - logo: the path of its picture, on this service.
    ///   - accent: what buttons and links have, as CSS writes a colour: `#1a5fb4`.
    ///   - darkAccent: the same in a dark theme.
    package init(
        app: String? = nil, logo: String? = nil, accent: String? = nil, darkAccent: String? = nil
    ) {
        self.app = app
        self.logo = logo
        self.accent = accent
        self.darkAccent = darkAccent
    }

    /// The style that sets the colours. It has no character that HTML escapes.
    var colors: String? {
        let light = accent.map { ":root{--accent:\($0);--button:\($0);--button-ink:#fff}" }
        let dark = darkAccent.map { ":root{--accent:\($0);--button:\($0);--button-ink:#161513}" }
        // Without one of its own the dark theme keeps the page's colours, not the light theme's.
        let parts = [
            light.map { "@media (prefers-color-scheme:light){\($0)}" },
            dark.map { "@media (prefers-color-scheme:dark){\($0)}" },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined()
    }
}
