internal import HTTPTypes
package import Hummingbird
internal import NIOCore

/// The connect page as an HTTP response. Its app's origins may frame it, and no others.
package struct ConnectPageResponse: Sendable {
    package let page: Page
    private let language: String
    private let colors: String?
    private let origins: [String]

    init(_ page: Page, language: String, colors: String?, origins: [String]) {
        self.page = page
        self.language = language
        self.colors = colors
        self.origins = origins
    }

    package var headers: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-store",
            .contentLanguage: language,
            .vary: "Accept-Language",
            .contentSecurityPolicy: contentSecurityPolicy,
            .referrerPolicy: "no-referrer",
            .xContentTypeOptions: "nosniff",
        ]
        // It cannot name origins, and a browser that knows `frame-ancestors` does not look at it.
        if origins.isEmpty { headers[.xFrameOptions] = "DENY" }
        return headers
    }

    package var response: Response {
        Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page.html)))
    }

    private var contentSecurityPolicy: String {
        let colorHash = colors.map { " \(ContentHash.source(of: $0))" } ?? ""
        return "default-src 'none'; script-src 'self'; style-src 'self'\(colorHash); img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors \(ancestors); "
            + "trusted-types 'none'; require-trusted-types-for 'script'"
    }

    private var ancestors: String {
        let sources = origins.flatMap { origin in
            if origin == "*" { return ["http://127.0.0.1:*", "http://localhost:*"] }
            // The language of policies has no IPv6 addresses.
            return origin.contains("[") ? [] : [origin]
        }
        return sources.isEmpty ? "'none'" : sources.joined(separator: " ")
    }
}
