internal import Cryptography
internal import Encodings
internal import HTTPTypes
package import Hummingbird
internal import NIOCore

/// A file that the connect page loads, or that an app's own page does.
package struct ConnectAsset: Sendable {
    package let name: String
    package let text: String
    private let mediaType: String
    private let isForApps: Bool
    private let entityTag: String

    private init(_ name: String, _ text: String, _ mediaType: String, isForApps: Bool = false) {
        self.name = name
        self.text = text
        self.mediaType = mediaType
        self.isForApps = isForApps
        let digest = SHA256.digest(text.utf8.span)
        entityTag = "\"\(Base64URL.encode(digest.span))\""
    }

    package static let all = [
        ConnectAsset("connect.css", StyleSheet.connect.text, "text/css; charset=utf-8"),
        ConnectAsset("connect.js", ConnectScript.text, "text/javascript; charset=utf-8"),
        ConnectAsset(
            "symbolon.js", EmbeddedFile.symbolon_js.text, "text/javascript; charset=utf-8", isForApps: true),
        ConnectAsset(
            "symbolon.d.ts", EmbeddedFile.symbolon_d_ts.text, "text/plain; charset=utf-8", isForApps: true),
    ]

    var headers: HTTPFields {
        var headers: HTTPFields = [
            .contentType: mediaType, .cacheControl: "no-cache", .eTag: entityTag,
            .xContentTypeOptions: "nosniff",
        ]
        if isForApps {
            headers[.accessControlAllowOrigin] = "*"
            headers[.crossOriginResourcePolicy] = "cross-origin"
        }
        return headers
    }

    /// Whether the browser has the file as it is.
    ///
    /// - Parameter tags: the request's `If-None-Match`.
    func isKnown(by tags: String?) -> Bool { tags?.contains(entityTag) ?? false }

    /// - Parameter knownTags: the request's `If-None-Match`.
    package func response(knownTags: String?) -> Response {
        if isKnown(by: knownTags) { return Response(status: .notModified, headers: headers) }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The connect page's script: a client of the API that builds the page from text nodes alone.
///
/// It talks to its own origin, and to the page that opened or frames it once that page's origin is known.
enum ConnectScript {
    static let text = [
        EmbeddedFile.elements_js, .paging_js, .connect_service_js, .integration_sign_js, .connect_list_js,
        .connect_form_js, .connect_flow_js,
        .connect_app_js, .connect_start_js,
    ].map(\.text).joined(separator: "\n")
}

/// A workspace's own picture, on its own: an SVG is a document, which could hold a script.
package struct LogoResponse: Sendable {
    private let mediaType: String
    private let octets: [UInt8]

    package init(mediaType: String, octets: [UInt8]) {
        self.mediaType = mediaType
        self.octets = octets
    }

    var headers: HTTPFields {
        [
            .contentType: mediaType, .cacheControl: "max-age=300", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ]
    }

    package var response: Response {
        Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }
}
