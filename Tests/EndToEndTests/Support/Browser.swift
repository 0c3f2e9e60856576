import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// A person's user agent: keeps cookies, reads forms, and follows redirects only when told to.
///
/// It knows no server. Two browsers are two people, or one person on two devices.
actor Browser {
    /// An answer, and where it came from.
    struct Page: Sendable {
        let url: URL
        let method: String
        let answer: Answer

        var status: Int { answer.status }
        var body: String { answer.body }
        var forms: [HTMLForm] { HTMLForm.forms(in: answer.body) }

        /// The absolute URL of a redirect, `nil` when this is none.
        var redirectTarget: String? {
            guard (300..<400).contains(status), let location = answer.headers.first(name: "location") else {
                return nil
            }
            return URL(reference: location, from: url)?.absoluteString
        }
    }

    private(set) var cookies = CookieJar()

    func open(_ url: String, headers: HTTPHeaders = [:]) async throws -> Page {
        try await send("GET", to: Self.absolute(url), headers: headers, body: nil)
    }

    /// Goes where `page` redirects to, and on, up to a page that is no redirect, or to a redirect whose
    /// `redirectTarget` fulfils `stop` and stays unvisited.
    func follow(_ page: Page, until stop: @Sendable (String) -> Bool = { _ in false }) async throws -> Page {
        var page = page
        for _ in 0..<20 {
            guard let target = page.redirectTarget, !stop(target) else { return page }
            let repeats = page.status == 307 || page.status == 308
            guard page.method == "GET" || !repeats else { throw BrowserError.redirectOfForm(target) }
            page = try await open(target)
        }
        throw BrowserError.tooManyRedirects(page.url.absoluteString)
    }

    /// Sends a form of `page`: `values` typed into its fields, all others as the page has them, and a button
    /// pressed where the server looks at which.
    func submit(
        _ form: HTMLForm, on page: Page, filling values: [String: String] = [:],
        pressing button: HTMLForm.Button? = nil
    ) async throws -> Page {
        let content = try form.content(filling: values, pressing: button)
        let action = try form.action.isEmpty ? page.url : Self.absolute(form.action, from: page.url)
        guard form.method == "POST" else {
            var components = URLComponents(url: action, resolvingAgainstBaseURL: true)
            components?.percentEncodedQuery = FormEncoding.urlEncoded(content)
            return try await open(components?.string ?? form.action)
        }
        let (type, body) =
            switch form.encoding {
            case .urlEncoded: (form.encoding.rawValue, FormEncoding.urlEncoded(content))
            case .multipart: FormEncoding.multipart(content)
            }
        let headers: HTTPHeaders = [
            "content-type": type, "origin": page.url.origin, "referer": page.url.absoluteString,
            "sec-fetch-site": action.origin == page.url.origin ? "same-origin" : "cross-site",
        ]
        return try await send("POST", to: action, headers: headers, body: body)
    }

    /// What a script of a page sends.
    func send(_ method: String, _ url: String, json: String) async throws -> Page {
        try await send(
            method, to: Self.absolute(url), headers: ["content-type": "application/json"], body: json)
    }

    private func send(
        _ method: String, to url: URL, headers: HTTPHeaders, body: String?
    ) async throws -> Page {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = HTTPMethod(rawValue: method)
        request.headers = ["accept": "text/html", "user-agent": "Mozilla/5.0 (symbolon end-to-end tests)"]
        request.headers.add(contentsOf: headers)
        if let cookies = cookies.header(for: url) { request.headers.add(name: "cookie", value: cookies) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let answer = try await Answer(to: request)
        for header in answer.headers["set-cookie"] { cookies.store(header, from: url) }
        return Page(url: url, method: method, answer: answer)
    }

    private static func absolute(_ text: String, from base: URL? = nil) throws(BrowserError) -> URL {
        guard let url = URL(reference: text, from: base), url.scheme != nil else { throw .notAURL(text) }
        return url
    }
}

extension URL {
    /// A URL as written in a header or a page, where all that is not ASCII is text yet to be encoded.
    ///
    /// Foundation would encode every `%` of such a text too; browsers leave them alone.
    fileprivate init?(reference: String, from base: URL?) {
        let encoded = reference.unicodeScalars.map { scalar in
            scalar.isASCII && scalar != " "
                ? String(scalar) : String(scalar).utf8.map { String(format: "%%%02X", $0) }.joined()
        }
        guard let url = URL(string: encoded.joined(), relativeTo: base) else { return nil }
        self = url.absoluteURL
    }

    /// RFC 6454 §6.2.
    fileprivate var origin: String {
        "\(scheme ?? "")://\(host() ?? "")" + (port.map { ":\($0)" } ?? "")
    }
}
