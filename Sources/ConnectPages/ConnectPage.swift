/// The page on which an app's users connect their accounts.
///
/// It holds no data and no credential: the session's token is in the fragment of its URL, which reaches no server, and its
/// script asks the API for everything.
package struct ConnectPage: Sendable {
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
    ///   - origins: the app's own, exactly; `*` stands for the machine itself, in development mode only.
    fileprivate init(
        _ language: ConnectLanguage, script: String, look: AppTheme, path: String, origins: [String]
    ) {
        let app = look.app ?? language.texts["app"] ?? ""
        self.language = language.code
        self.path = path
        self.app = app
        name = look.app
        self.script = script
        self.origins = origins.joined(separator: " ")
        texts = language.connectTexts.mapValues { $0.replacing("{app}", with: app) }
        title = texts["title"] ?? app
        logo = look.logo
        colors = look.colors
    }
}

extension Pages {
    /// - Parameters:
    ///   - chosenLanguage: what the reader asked for by hand.
    ///   - acceptLanguage: the request's header field.
    package func connect(
        _ look: AppTheme, path: String, origins: [String],
        chosenLanguage: String? = nil, acceptLanguage: String? = nil
    ) -> ConnectPageResponse {
        let chosen = chosenLanguage.flatMap { LanguagePreference.place(of: $0, in: languageCodes) }
        let language = chosen.map { languages[$0] } ?? self.language(acceptLanguage)
        let values = ConnectPage(
            language, script: connectScripts[language.index], look: look, path: path, origins: origins)
        return ConnectPageResponse(
            render(.connect, values), language: language.code, colors: values.colors, origins: origins)
    }
}
