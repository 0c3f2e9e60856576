internal import Mustache

/// All pages, from templates that are parsed once.
///
/// Values are escaped. All pages share one design and load nothing but themselves; the page for trying a flow, the console
/// and the connect page have a script.
package struct Pages: Sendable {
    private let library: MustacheLibrary
    /// With each language its words as JSON. There is at least one.
    let connectLanguages: [(language: ConnectLanguage, script: String)]
    private let documentation: ErrorDocumentation?

    /// - Parameter documentation: where error codes link to; `nil`: nowhere.
    package init(documentation: ErrorDocumentation? = nil) throws(PageError) {
        try self.init(PageTemplate.all, documentation: documentation)
    }

    init(_ templates: [PageTemplate], documentation: ErrorDocumentation? = nil) throws(PageError) {
        self.documentation = documentation
        MustacheContentTypes.register(HTMLText(), named: HTMLText.name)
        var library = MustacheLibrary()
        for template in templates {
            do {
                try library.register(template.text, named: template.name)
            } catch {
                throw .template(name: template.name, reason: "\(error)")
            }
        }
        self.library = library
        connectLanguages = try ConnectLanguage.all().map { ($0, $0.json) }
    }

    /// The flow made a connection, and its app named no redirect URI.
    package func connected(integrationLabel: String, connectionID: String) -> Page {
        message(
            Message(
                title: "Connected", tone: "good", detail: "Your account at \(integrationLabel) is connected.",
                next: "You can close this page and go back to the app.",
                fact: Fact(name: "Connection", value: connectionID)))
    }

    /// Something failed.
    ///
    /// - Parameters:
    ///   - title: says what, in a few words.
    ///   - detail: a sentence for the user; never contains a secret.
    ///   - canRestart: whether it helps to start again in the app.
    package func failed(title: String, detail: String, errorCode: String, canRestart: Bool) -> Page {
        message(
            Message(
                title: title, tone: "bad", detail: detail,
                next: canRestart
                    ? "Go back to the app where you began, and start again from there."
                    : "You can close this page and go back to the app.",
                fact: errorFact(errorCode)))
    }

    /// Another request with the same callback is still being processed.
    package func working() -> Page {
        message(
            Message(
                title: "Still connecting", detail: "The provider has not responded yet.",
                next: "This page reloads every few seconds. You do not have to do anything.",
                refreshSeconds: 3))
    }

    /// Nothing was sent: the same URL works once the provider can be reached, until the flow's lifetime is over.
    package func providerUnreachable() -> Page {
        message(
            Message(
                title: "One moment, please",
                detail:
                    "The provider cannot be reached right now. Nothing was sent to it, and nothing was lost.",
                next: "This page tries again every few seconds. Please leave it open.",
                refreshSeconds: 5, fact: errorFact("provider_unreachable")))
    }

    /// The same URL works again once the store is back.
    package func storeUnavailable() -> Page {
        message(
            Message(
                title: "One moment, please",
                detail: "The connection cannot be stored right now. Nothing was lost.",
                next: "This page tries again every few seconds. Please leave it open.",
                refreshSeconds: 3, fact: errorFact("store_unavailable")))
    }

    /// - Parameters:
    ///   - template: one of those that the pages were made of.
    ///   - values: a structure with the template's names.
    func render(_ template: PageTemplate, _ values: some Sendable, refreshSeconds: Int? = nil) -> Page {
        guard let html = library.render(values, withTemplate: template.name) else {
            preconditionFailure("there is no template \(template.name)")
        }
        return Page(html: html, refreshSeconds: refreshSeconds)
    }

    private func errorFact(_ code: String) -> Fact {
        Fact(name: "Error code", value: code, link: documentation?.url(of: code))
    }

    private func message(_ message: Message) -> Page {
        render(.message, message, refreshSeconds: message.refreshSeconds)
    }
}

/// What the template of the same name shows.
private struct Message: Sendable {
    let title: String
    var tone: String?
    let detail: String
    let next: String
    var refreshSeconds: Int?
    var fact: Fact?
}

private struct Fact: Sendable {
    let name: String
    let value: String
    /// Where the value is described.
    var link: String?
}
