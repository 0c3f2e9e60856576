/// In which language a page of a flow speaks, and for which app.
package struct PageFrame: Sendable {
    let language: ConnectLanguage
    private let look: AppTheme?

    /// - Parameter look: that of the app, if it is known; the page is this service's own otherwise.
    package init(_ language: ConnectLanguage, look: AppTheme? = nil) {
        self.language = language
        self.look = look
    }

    /// What the layout shows in place of our own name.
    struct Brand: Sendable {
        // A template would find another `app` beyond this one, if this one is missing.
        let appName: String?
        let logo: String?
    }

    /// `nil` if the app has neither a name nor a picture.
    var brand: Brand? {
        guard let look, look.app != nil || look.logo != nil else { return nil }
        return Brand(appName: look.app, logo: look.logo)
    }

    /// The style of a page in the app's look, beside the page's own.
    var style: String? {
        guard let look else { return nil }
        let style = (look.logo == nil ? "" : StyleSheet.logo.text) + (look.colors ?? "")
        return style.isEmpty ? nil : style
    }
}

/// A text with its places, such as `{app}`, filled.
struct FilledText: Sendable {
    struct Part: Sendable {
        let text: String
        /// What fills the place after the text. It may be written in another direction.
        let filling: String?
    }

    let parts: [Part]

    /// What fills a place is not looked at again, whatever it holds.
    init(_ text: String, _ fillings: [String: String]) {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: start)..<end])
            parts.append(Part(text: String(rest[..<start]), filling: fillings[name] ?? ""))
            rest = rest[rest.index(after: end)...]
        }
        parts.append(Part(text: String(rest), filling: nil))
        self.parts = parts
    }

    var text: String { parts.map { $0.text + ($0.filling ?? "") }.joined() }
}
