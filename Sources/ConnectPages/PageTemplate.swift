/// The text of a template, and the name that other templates include it by: that of its file in `Resources`.
package struct PageTemplate: Sendable {
    let name: String
    let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    fileprivate init(_ file: EmbeddedFile) { self.init(file.name, file.text) }

    /// Every template, and the styles, the script and the pictures that they include.
    static let all = [
        layout, message, home, consent, connect, screen, console, PageTemplate(.token_svg),
        PageTemplate(.flow_svg),
        PageTemplate("message.css", StyleSheet.message.text), PageTemplate("home.css", StyleSheet.home.text),
        PageTemplate("screen.css", StyleSheet.screen.text), PageTemplate("home.js", HomeScript.text),
        PageTemplate("console.css", StyleSheet.console.text),
        PageTemplate("console.js", ConsoleScript.text),
    ]

    /// What all pages share. It sets the escaping, which holds for the blocks that other templates put in.
    static let layout = PageTemplate(.layout_html)
    /// One thing to say, and what to do next.
    static let message = PageTemplate(.message_html)
    static let home = PageTemplate(.home_html)
    static let consent = PageTemplate(.consent_html)
    static let connect = PageTemplate(.connect_html)
    static let screen = PageTemplate(.screen_html)
    static let console = PageTemplate(.console_html)
}
