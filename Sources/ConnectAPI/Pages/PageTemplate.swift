internal import Mustache

/// The text of a template and the name that others include it by.
struct PageTemplate: Sendable {
    let name: String
    let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    /// Every template there is.
    static let all = [layout, message, home, consent]

    /// What all pages have in common. It sets the escaping, which holds for the blocks that other templates put in.
    static let layout = PageTemplate(
        "layout",
        """
        {{% CONTENT_TYPE: \(HTMLText.name)}}
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        {{#refreshSeconds}}
        <meta http-equiv="refresh" content="{{refreshSeconds}}">
        {{/refreshSeconds}}
        <title>{{title}} – Symbolon</title>
        <style>{{$style}}\(StyleSheet.message.text){{/style}}</style>
        </head>
        <body{{#tone}} class="{{tone}}"{{/tone}}>
        <header>
        \(Symbol.token)
        <span>Symbolon</span>
        </header>
        <main>
        {{$content}}{{/content}}
        </main>
        {{$script}}{{/script}}
        </body>
        </html>

        """)

    /// One thing to say, and what to do next.
    static let message = PageTemplate(
        "message",
        """
        {{<layout}}{{$content}}
        <h1>{{title}}</h1>
        {{#detail}}
        <p>{{detail}}</p>
        {{/detail}}
        {{#next}}
        <p>{{next}}</p>
        {{/next}}
        {{#refreshSeconds}}
        <p><a href="">Look again now</a></p>
        {{/refreshSeconds}}
        {{#fact}}
        <dl>
        <dt>{{name}}</dt>
        <dd><code>{{value}}</code></dd>
        </dl>
        {{/fact}}
        {{/content}}{{/layout}}
        """)
}

/// The one picture: a token broken in two, of which the halves fit.
enum Symbol {
    static let token = """
        <svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true" focusable="false">
        <path d="M12 2.2A12 12 0 0 0 12 25.8l2.6-5.6-4-4.4 4-4.6-3-4.2z" fill="currentColor"/>
        <path d="M15.6 2.1A12 12 0 0 1 15.6 25.9l2.6-5.7-4-4.4 4-4.6-3-4.2z" class="half"/>
        </svg>
        """
}
