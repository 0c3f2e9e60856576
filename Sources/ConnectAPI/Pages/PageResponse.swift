package import HTTPTypes
package import Hummingbird

/// A page as an answer, with the headers that every page has (RFC 9700 §4.2.4, §4.16).
package struct PageResponse: Sendable {
    private let page: Page
    private let status: HTTPResponse.Status
    private let style: StyleSheet
    private let formTargets: [String]
    private let scriptHash: String?

    /// - Parameters:
    ///   - style: the page's own.
    ///   - formTargets: where the page's form may lead, redirects included, as sources of a content security policy; a
    ///     page without a form has none.
    ///   - scriptHash: names the page's one script; almost no page has any.
    package init(
        _ page: Page, status: HTTPResponse.Status = .ok, style: StyleSheet = .message,
        formTargets: [String] = [],
        scriptHash: String? = nil
    ) {
        self.page = page
        self.status = status
        self.style = style
        self.formTargets = formTargets
        self.scriptHash = scriptHash
    }

    package var response: Response { answer.response }

    var answer: Answer {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-store",
            .contentSecurityPolicy: contentSecurityPolicy,
            .referrerPolicy: referrerPolicy,
            .xContentTypeOptions: "nosniff",
            .xFrameOptions: "DENY",
        ]
        if status == .serviceUnavailable, let seconds = page.refreshSeconds {
            headers[.retryAfter] = String(seconds)
        }
        return Answer(status, AnswerHeader(headers), octets: Array(page.html.utf8))
    }

    private var contentSecurityPolicy: String {
        let targets = formTargets.isEmpty ? "'none'" : formTargets.joined(separator: " ")
        return "default-src 'none'; style-src \(style.hash); base-uri 'none'; frame-ancestors 'none'; "
            + "form-action \(targets)\(scriptPolicy)"
    }

    /// A script builds its page without markup, which the browser sees to, and asks this service alone.
    private var scriptPolicy: String {
        guard let scriptHash else { return "" }
        return "; script-src \(scriptHash); connect-src 'self'; trusted-types 'none'; "
            + "require-trusted-types-for 'script'"
    }

    /// With `no-referrer` a browser calls the origin of a form `null`, and we could not tell our own page from another.
    private var referrerPolicy: String { formTargets.isEmpty ? "no-referrer" : "same-origin" }
}

extension PageResponse: ResponseGenerator {
    package func response(from request: Request, context: some RequestContext) -> Response { response }
}

extension HTTPField.Name {
    fileprivate static let xFrameOptions = page("X-Frame-Options")

    private static func page(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
