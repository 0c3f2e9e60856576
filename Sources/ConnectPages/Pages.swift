internal import Mustache

/// All pages, from templates that are parsed once.
///
/// Values are escaped. All pages share one design and load nothing but themselves and an app's picture; the page for trying
/// a flow, the console and the connect page have a script.
package struct Pages: Sendable {
    private let library: MustacheLibrary
    /// English first: it is for those who prefer none of them.
    package let languages: [ConnectLanguage]
    let languageCodes: [String]
    /// The connect page's words as JSON, by language.
    let connectScripts: [String]
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
        languages = try ConnectLanguage.all()
        languageCodes = languages.map(\.code)
        connectScripts = languages.map(\.json)
    }

    /// - Parameter acceptLanguage: the request's header field, of which only the beginning is read.
    package func language(_ acceptLanguage: String?) -> ConnectLanguage {
        let index = acceptLanguage.flatMap { LanguagePreference.best(of: languageCodes, acceptLanguage: $0) }
        return languages[index ?? 0]
    }

    /// The flow made a connection, and its app named no redirect URI.
    package func connected(integrationLabel: String, connectionID: String, in frame: PageFrame) -> Page {
        let language = frame.language
        let detail = FilledText(language[.connectedWords], ["integration": integrationLabel]).text
        return message(
            Message(
                frame, title: language[.connected], tone: "good", detail: detail, next: language[.close],
                fact: Fact(name: language[.connection], value: connectionID)), frame)
    }

    /// Something failed.
    ///
    /// - Parameters:
    ///   - title: says what, in a few words.
    ///   - detail: a sentence for the user.
    ///   - canRestart: whether it helps to start again in the app.
    package func failed(
        title: FlowText, detail: FlowText, errorCode: String, canRestart: Bool, in frame: PageFrame
    ) -> Page {
        failed(
            title: frame.language[title], detail: frame.language[detail], errorCode: errorCode,
            canRestart: canRestart, frame)
    }

    /// Something failed, in English alone.
    ///
    /// - Parameter detail: never contains a secret.
    package func failed(title: String, detail: String, errorCode: String, canRestart: Bool) -> Page {
        failed(
            title: title, detail: detail, errorCode: errorCode, canRestart: canRestart,
            PageFrame(languages[0]))
    }

    /// Another request with the same callback is still being processed.
    package func working(in frame: PageFrame) -> Page {
        let language = frame.language
        return message(
            Message(
                frame, title: language[.working], detail: language[.workingWords],
                next: language[.workingNext], refreshSeconds: 3), frame)
    }

    /// Nothing was sent: the same URL works once the provider can be reached, until the flow's lifetime is over.
    package func providerUnreachable(in frame: PageFrame) -> Page {
        let language = frame.language
        return message(
            Message(
                frame, title: language[.moment], detail: language[.unreachableWords],
                next: language[.momentNext], refreshSeconds: 5,
                fact: errorFact("provider_unreachable", language)), frame)
    }

    /// The same URL works again once the store is back.
    package func storeUnavailable(in frame: PageFrame) -> Page {
        let language = frame.language
        return message(
            Message(
                frame, title: language[.moment], detail: language[.notStoredWords],
                next: language[.momentNext], refreshSeconds: 3,
                fact: errorFact("store_unavailable", language)), frame)
    }

    /// - Parameters:
    ///   - template: one of those that the pages were made of.
    ///   - values: a structure with the template's names.
    ///   - frame: of a page that is there in several languages.
    func render(
        _ template: PageTemplate, _ values: some Sendable, refreshSeconds: Int? = nil,
        in frame: PageFrame? = nil
    ) -> Page {
        guard let html = library.render(values, withTemplate: template.name) else {
            preconditionFailure("there is no template \(template.name)")
        }
        return Page(html: html, refreshSeconds: refreshSeconds, frame: frame)
    }

    private func failed(
        title: String, detail: String, errorCode: String, canRestart: Bool, _ frame: PageFrame
    ) -> Page {
        let language = frame.language
        return message(
            Message(
                frame, title: title, tone: "bad", detail: detail,
                next: language[canRestart ? .restart : .close], fact: errorFact(errorCode, language),
                errorCode: errorCode), frame)
    }

    private func errorFact(_ code: String, _ language: ConnectLanguage) -> Fact {
        Fact(name: language[.errorCode], value: code, link: documentation?.url(of: code))
    }

    private func message(_ message: Message, _ frame: PageFrame) -> Page {
        render(.message, message, refreshSeconds: message.refreshSeconds, in: frame)
    }
}

/// What the template of the same name shows.
private struct Message: Sendable {
    let language: String
    let brand: PageFrame.Brand?
    let appStyle: String?
    let title: String
    let tone: String?
    let detail: String
    let next: String
    let refreshSeconds: Int?
    let reload: String
    let fact: Fact?
    /// For the page that opened this one: the flow is over.
    let errorCode: String?

    init(
        _ frame: PageFrame, title: String, tone: String? = nil, detail: String, next: String,
        refreshSeconds: Int? = nil, fact: Fact? = nil, errorCode: String? = nil
    ) {
        language = frame.language.code
        brand = frame.brand
        appStyle = frame.style
        self.title = title
        self.tone = tone
        self.detail = detail
        self.next = next
        self.refreshSeconds = refreshSeconds
        reload = frame.language[.reload]
        self.errorCode = errorCode
        self.fact = fact
    }
}

private struct Fact: Sendable {
    let name: String
    let value: String
    /// Where the value is described.
    var link: String?
}
