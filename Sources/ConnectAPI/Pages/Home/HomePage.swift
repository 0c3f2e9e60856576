/// The page at `/`, on which a person connects something and sees how it went.
///
/// The page itself holds no data and may be seen by anybody: its script asks the API for everything, with a credential.
/// In production that is an API key that an operator types in, which stays in the tab's memory. Development mode hands
/// the page a key of its own, made by this process, that begins flows and reads connections but opens no tokens: who
/// else is on this machine gets no further by loading the page.
package struct HomePage: Sendable {
    /// What development mode has besides.
    package struct Development: Sendable {
        let pageKey: String
        let keyFile: String
        let initiateCommand: String
        let listCommand: String

        /// - Parameters:
        ///   - pageKey: the text of the page's own key.
        ///   - keyFile: the path of the file with the printed API key.
        ///   - publicURL: canonical, so without anything that a shell would take for its own.
        package init(pageKey: String, keyFile: String, publicURL: String) {
            self.pageKey = pageKey
            self.keyFile = ShellWord.quoted(keyFile)
            let header = "-H \"X-API-Key: $(cat \(self.keyFile))\""
            initiateCommand = """
                curl -s \(publicURL)/api/v1/oauth/initiate \\
                  \(header) \\
                  -H 'Content-Type: application/json' \\
                  -d '{"integration_id": "sandbox"}'
                """
            listCommand = """
                curl -s \(publicURL)/api/v1/connections \\
                  \(header)
                """
        }
    }

    let title = "Connect something"
    let tone = "wide"
    let development: Development?

    /// - Parameter development: `nil` in production.
    package init(development: Development? = nil) { self.development = development }
}

extension Pages {
    package func home(_ page: HomePage) -> Page { render(.home, page) }
}

extension PageTemplate {
    static let home = PageTemplate(
        "home",
        """
        {{<layout}}{{$style}}\(StyleSheet.home.text){{/style}}{{$content}}
        <h1>{{title}}</h1>
        {{#development}}
        <p>Symbolon connects an app to its users’ accounts at other services with OAuth. This is development mode:
        it answers on this machine only, with keys of its own and a built-in provider to try it out. <strong>Press
        Connect</strong> on the sandbox, answer in the window that opens, and see here what happened.</p>
        {{/development}}
        {{^development}}
        <p>Symbolon connects an app to its users’ accounts at other services with OAuth. Connect one here to see that
        an integration works, step by step.</p>
        {{/development}}
        <noscript><p>This page needs its script, which comes from this service alone. The API does without.</p></noscript>
        <p id="said" role="status" class="unseen"></p>
        <section id="returned" hidden tabindex="-1" aria-labelledby="returned-title">
        <h2 id="returned-title">This window has done its part</h2>
        <p>Go back to the page where you pressed Connect. You can close this one.</p>
        </section>
        <div id="home"{{#development}} data-key="{{pageKey}}" data-key-file="{{keyFile}}"{{/development}}>
        <section id="key" hidden aria-labelledby="key-title">
        <h2 id="key-title">Your API key</h2>
        <form id="key-form">
        <label for="key-text">An API key that may <code>initiate</code> and <code>read</code></label>
        <input id="key-text" type="password" required autocomplete="off" aria-describedby="key-note">
        <p id="key-note" class="quiet">It stays in this tab’s memory, goes to this service only, and is gone when the
        page is closed or loaded again.</p>
        <label for="key-workspace">Workspace, if the key opens several</label>
        <input id="key-workspace" autocomplete="off" autocapitalize="none" spellcheck="false">
        <p id="key-problem" class="problem" role="alert"></p>
        <div class="answers"><button type="submit">Open</button></div>
        </form>
        </section>
        <div id="ready" class="columns" hidden>
        <div>
        <section aria-labelledby="integrations-title">
        <h2 id="integrations-title">Integrations</h2>
        <label for="find">Find one</label>
        <input id="find" type="search" autocomplete="off" spellcheck="false" aria-describedby="found">
        <p id="found" class="quiet" role="status"></p>
        <ul id="integrations" class="entries"></ul>
        </section>
        </div>
        <div>
        <section id="flow" hidden aria-labelledby="flow-title">
        <h2 id="flow-title" tabindex="-1">What happened: <span id="flow-name"></span></h2>
        <ol id="steps" class="steps"></ol>
        </section>
        <section id="connections" hidden aria-labelledby="connections-title">
        <h2 id="connections-title">Connections</h2>
        <ul id="connection-list" class="entries rows"></ul>
        </section>
        <section aria-labelledby="picture-heading">
        <h2 id="picture-heading">How a flow goes</h2>
        <figure>
        \(FlowPicture.inline)
        </figure>
        </section>
        </div>
        </div>
        </div>
        {{#development}}
        <h2>The same on the command line</h2>
        <ol>
        <li>Ask for an authorization URL:
        <pre><code>{{initiateCommand}}</code></pre></li>
        <li>Open the <code>auth_url</code> of the answer in a browser, and choose <em>Allow</em>.</li>
        <li>Look at the connection that it made:
        <pre><code>{{listCommand}}</code></pre></li>
        </ol>
        {{/development}}
        <p class="quiet foot"><a href="/openapi.json">The API’s description</a> · <a href="/readyz">Readiness</a></p>
        {{/content}}{{$script}}
        <script>\(HomeScript.text)</script>
        {{/script}}{{/layout}}
        """)
}
