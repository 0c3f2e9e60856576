/// The page on which an app's users connect their accounts.
///
/// It holds no data and no credential: the session's token is in the fragment of its URL, which reaches no server, and its
/// script asks the API for everything.
package struct ConnectPage: Sendable {
    /// How the app shows itself.
    package struct Look: Sendable {
        let app: String?
        let hasLogo: Bool
        let accent: String?
        let darkAccent: String?

        /// - Parameters:
        ///   - app: its name; `nil` lets the page say "the app".
        ///   - accent: what buttons and links have, as CSS writes a colour: `#1a5fb4`.
        ///   - darkAccent: the same in a dark theme.
        package init(
            app: String? = nil, hasLogo: Bool = false, accent: String? = nil, darkAccent: String? = nil
        ) {
            self.app = app
            self.hasLogo = hasLogo
            self.accent = accent
            self.darkAccent = darkAccent
        }

        /// The style that sets the colours. It has no character that HTML escapes.
        fileprivate var colors: String? {
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

    let language: String
    let path: String
    /// The app's name, or what stands for it in a sentence.
    let app: String
    let name: String?
    let title: String
    let logo: String?
    let colors: String?
    let origins: String
    let texts: [String: String]
    /// The words again, as JSON, for the script.
    let script: String

    /// - Parameters:
    ///   - path: that of the service's public URL, without a trailing slash.
    ///   - address: the page's own path.
    ///   - origins: the app's own, exactly; `*` stands for the machine itself, in development mode only.
    fileprivate init(
        _ language: ConnectLanguage, script: String, look: Look, path: String, address: String,
        origins: [String]
    ) {
        let app = look.app ?? language.texts["app"] ?? ""
        self.language = language.code
        self.path = path
        self.app = app
        name = look.app
        self.script = script
        self.origins = origins.joined(separator: " ")
        texts = language.texts.mapValues { $0.replacing("{app}", with: app) }
        title = texts["title"] ?? app
        logo = look.hasLogo ? "\(address)/logo" : nil
        colors = look.colors
    }
}

extension Pages {
    /// - Parameters:
    ///   - chosenLanguage: what the reader asked for by hand.
    ///   - acceptLanguage: the request's header field.
    package func connect(
        _ look: ConnectPage.Look, path: String, address: String, origins: [String],
        chosenLanguage: String? = nil, acceptLanguage: String? = nil
    ) -> ConnectPageResponse {
        let preference = LanguagePreference(chosen: chosenLanguage, acceptLanguage: acceptLanguage)
        let (language, script) =
            preference.codes.lazy.compactMap { code in connectLanguages.first { $0.language.code == code } }
            .first ?? connectLanguages[0]
        let values = ConnectPage(
            language, script: script, look: look, path: path, address: address, origins: origins)
        return ConnectPageResponse(
            render(.connect, values), language: language.code, colors: values.colors, origins: origins)
    }
}
