internal import Cryptography
internal import Encodings

/// The one style element of a page.
package struct StyleSheet: Sendable {
    let text: String
    /// As a content security policy names it.
    let hash: String

    private init(_ files: EmbeddedFile...) {
        text = files.map { Self.withoutIndentation($0.text) }.joined()
        hash = ContentHash.source(of: text)
    }

    /// For pages that say one thing. They are small because every invalid callback gets one.
    package static let message = StyleSheet(.message_css)
    /// For the page on which a user confirms a flow.
    package static let screen = StyleSheet(.message_css, .screen_css)
    /// For the page at `/`.
    package static let home = StyleSheet(
        .message_css, .form_css, .wide_css, .integration_list_css, .home_css, .flow_css)

    /// For the operators' console.
    package static let console = StyleSheet(.message_css, .form_css, .wide_css, .console_css)

    /// For the connect page.
    static let connect = StyleSheet(
        .message_css, .form_css, .logo_css, .integration_list_css, .connect_css)

    /// What a page with an app's picture has beside its own.
    static let logo = StyleSheet(.logo_css)

    private static func withoutIndentation(_ text: String) -> String {
        text.split(separator: "\n").map { "\($0.drop { $0 == " " })\n" }.joined()
    }
}

/// The script of the page on which a flow is tried: a client of the API that shows what it does.
///
/// It builds the page from text nodes alone, so that no response becomes markup, and a policy of trusted types enforces
/// that. It talks to its own origin only. Its windows find each other by a broadcast channel, which does not leave the
/// origin, and a window that goes to a provider has no opener: no message can reach another site's page.
package enum HomeScript {
    /// As a content security policy names it.
    package static let hash = ContentHash.source(of: text)

    static let text = [
        EmbeddedFile.elements_js, .page_parts_js, .home_document_js, .home_calls_js, .home_state_js,
        .home_steps_js,
        .home_flow_js, .integration_sign_js, .home_integrations_js, .home_start_js,
    ].map(\.text).joined(separator: "\n")
}

/// The hash of an inline style or script, as a content security policy names it (CSP Level 3 §2.3.1).
enum ContentHash {
    static func source(of text: String) -> String {
        let digest = SHA256.digest(text.utf8.span)
        return "'sha256-\(Base64.encode(digest.span))'"
    }
}
