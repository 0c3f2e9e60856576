/// A flow at a glance: which half of the token travels, which one stays, and where they meet again.
///
/// The page at `/` has it inline, in the page's colours. The documentation's `flow.svg`, which the README shows, is the
/// same drawing with a style of its own; a test holds them together.
package enum FlowPicture {
    /// The file for the documentation.
    package static let file = """
        <svg xmlns="http://www.w3.org/2000/svg" \(attributes)>
        <style>
        .picture{--ink:#1d1c1a;--quiet:#5d5952;--line:#b9b2a4;--accent:#7a4b12;--card:#fff;--good:#17683c;
        font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        @media (prefers-color-scheme:dark){.picture{--ink:#efece6;--quiet:#b3ada2;--line:#5c574f;
        --accent:#e3ad66;--card:#211f1c;--good:#6fcf97}}
        \(style)
        </style>
        <rect class="sheet" width="448" height="440" rx="12"/>
        \(drawing)
        </svg>

        """

    /// The element for a page that has `style` in its style sheet.
    static let inline = "<svg \(attributes)>\n\(drawing)\n</svg>"

    /// Both halves of it take their colours from custom properties.
    static let style = """
        .picture{font-size:16px}
        .picture text{fill:var(--ink)}
        .picture .middle{text-anchor:middle}
        .picture .small{fill:var(--quiet);font-size:15px}
        .picture .name{font-weight:600}
        .picture .number{fill:var(--card);font-size:14px;font-weight:700;text-anchor:middle}
        .picture .sheet{fill:var(--card)}
        .picture .box{fill:none;stroke:var(--ink);stroke-width:1.5}
        .picture .life{stroke:var(--line);stroke-width:1.5;stroke-dasharray:3 4}
        .picture .arrow{fill:none;stroke:var(--ink);stroke-width:1.6}
        .picture .head{fill:var(--ink)}
        .picture .dot,.picture .travels{fill:var(--accent)}
        .picture .stays{fill:var(--good)}
        .picture .hidden-line{fill:var(--card)}
        """

    private static let attributes = """
        class="picture" viewBox="0 0 448 440" role="img" aria-labelledby="picture-title picture-text"
        """

    private static let drawing = """
        <title id="picture-title">A flow, from request to connection</title>
        <desc id="picture-text">1: your app asks Symbolon to connect. 2: Symbolon sends the browser to the provider;
        all of the flow travels in the state, sealed, and Symbolon keeps only its key. 3: the user says yes.
        4: the provider sends code and state back to any replica, whose key opens the state.
        5: Symbolon exchanges the code for tokens. 6: your app has a connection.</desc>
        <path class="life" d="M64 52V428M220 52V428M376 52V428"/>
        <rect class="box" x="8" y="12" width="112" height="40" rx="8"/>
        <rect class="box" x="164" y="12" width="112" height="40" rx="8"/>
        <rect class="box" x="320" y="12" width="112" height="40" rx="8"/>
        <text class="name middle" x="64" y="37">Your app</text>
        <text class="name middle" x="220" y="37">Symbolon</text>
        <text class="name middle" x="376" y="37">Provider</text>
        \(arrow(1, "connect", from: 64, to: 220, y: 100))
        \(arrow(2, "sealed state", from: 220, to: 376, y: 156))
        <circle class="hidden-line" cx="298" cy="156" r="17"/>
        \(half(travelling, x: 292, y: 141))
        \(half(staying, x: 202, y: 166))
        <text class="small" x="194" y="180" text-anchor="end">keeps its key,</text>
        <text class="small" x="194" y="199" text-anchor="end">stores nothing</text>
        <rect class="hidden-line" x="306" y="190" width="132" height="28"/>
        <circle class="dot" cx="318" cy="204" r="11"/><text class="number" x="318" y="209">3</text>
        <text x="334" y="210">user allows</text>
        \(arrow(4, "code, state", from: 376, to: 220, y: 264))
        <circle class="hidden-line" cx="298" cy="264" r="17"/>
        \(half(travelling, x: 292, y: 249))
        <circle class="hidden-line" cx="220" cy="291" r="18"/>
        \(half(travelling, x: 219, y: 276))
        \(half(staying, x: 204, y: 276))
        <text class="small" x="194" y="287" text-anchor="end">any replica:</text>
        <text class="small" x="194" y="306" text-anchor="end">the halves fit</text>
        \(arrow(5, "code for tokens", from: 220, to: 376, y: 356))
        <path class="head" d="M220 356l10 -5v10z"/>
        \(arrow(6, "a connection", from: 220, to: 64, y: 412))
        """

    private static let travelling = "M2.6 0A12 12 0 0 1 2.9 23.8l2.6-5.7-4-4.4 4-4.6-3-4.2z"
    private static let staying = "M12 0A12 12 0 0 0 12 23.6l2.6-5.6-4-4.4 4-4.6-3-4.2z"

    private static func half(_ path: String, x: Int, y: Int) -> String {
        let name = path == staying ? "stays" : "travels"
        return "<path class=\"\(name)\" transform=\"translate(\(x) \(y)) scale(1.25)\" d=\"\(path)\"/>"
    }

    /// An arrow between two life lines, with its number and its words above.
    private static func arrow(_ number: Int, _ words: String, from start: Int, to end: Int, y: Int) -> String
    {
        let left = min(start, end)
        let back = end > start ? -10 : 10
        return """
            <circle class="dot" cx="\(left + 15)" cy="\(y - 24)" r="11"/>\
            <text class="number" x="\(left + 15)" y="\(y - 19)">\(number)</text>
            <text x="\(left + 30)" y="\(y - 18)">\(words)</text>
            <path class="arrow" d="M\(start) \(y)H\(end + back / 2)"/>\
            <path class="head" d="M\(end) \(y)l\(back) -5v10z"/>
            """
    }
}
