package import HTTPTypes
package import Hummingbird
internal import NIOCore

/// A page as an HTTP response, with the headers that every page has (RFC 9700 §4.2.4, §4.16).
package struct PageResponse: Sendable {
    package let status: HTTPResponse.Status
    private let page: Page
    private let style: StyleSheet
    private let formTargets: [String]
    private let scriptHash: String?
    private let ownReferrerPolicy: String?
    private let hasPictures: Bool

    /// - Parameters:
    ///   - style: the page's own.
    ///   - formTargets: where the page's form may lead, redirects included, as sources of a content security policy; a
    ///     page without a form has none.
    ///   - scriptHash: names the page's one script; `nil` for a page without one.
    ///   - referrerPolicy: in place of what a page with or without a form has.
    ///   - hasPictures: whether its script shows pictures of ours.
    package init(
        _ page: Page, status: HTTPResponse.Status = .ok, style: StyleSheet = .message,
        formTargets: [String] = [],
        scriptHash: String? = nil, referrerPolicy: String? = nil, hasPictures: Bool = false
    ) {
        self.status = status
        self.page = page
        self.style = style
        self.formTargets = formTargets
        self.scriptHash = scriptHash
        ownReferrerPolicy = referrerPolicy
        self.hasPictures = hasPictures
    }

    package var octets: [UInt8] { Array(page.html.utf8) }

    package var headers: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-store",
            .contentSecurityPolicy: contentSecurityPolicy,
            .referrerPolicy: referrerPolicy,
            .xContentTypeOptions: "nosniff",
            .xFrameOptions: "DENY",
        ]
        if let language = page.language {
            headers[.contentLanguage] = language
            headers[.vary] = "Accept-Language"
        }
        if status == .serviceUnavailable, let seconds = page.refreshSeconds {
            headers[.retryAfter] = String(seconds)
        }
        return headers
    }

    package var response: Response {
        Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }

    private var contentSecurityPolicy: String {
        let targets = formTargets.isEmpty ? "'none'" : formTargets.joined(separator: " ")
        let appStyle = page.appStyle.map { " \(ContentHash.source(of: $0))" } ?? ""
        let pictures = page.hasLogo || hasPictures ? " img-src 'self';" : ""
        return "default-src 'none'; style-src \(style.hash)\(appStyle);\(pictures) base-uri 'none'; "
            + "frame-ancestors 'none'; form-action \(targets)\(scriptPolicy)"
    }

    /// The browser keeps the script from writing markup, and from sending requests to any other origin.
    private var scriptPolicy: String {
        guard let scriptHash else { return "" }
        return "; script-src \(scriptHash); connect-src 'self'; trusted-types 'none'; "
            + "require-trusted-types-for 'script'"
    }

    /// With `no-referrer` a browser sends `Origin: null` with a form, and our own page would look like any other.
    private var referrerPolicy: String {
        ownReferrerPolicy ?? (formTargets.isEmpty ? "no-referrer" : "same-origin")
    }
}

extension HTTPField.Name {
    static let referrerPolicy = page("Referrer-Policy")
    static let xFrameOptions = page("X-Frame-Options")

    private static func page(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
