import Cryptography
import Foundation

@testable import ConnectPages

/// What would do harm if it reached a page as it is, in each spelling that an escaper could overlook.
let hostileTexts = [
    "<script>alert(1)</script>",
    "\" autofocus onfocus=alert(1) x=\"",
    "' onmouseover='alert(1)",
    "</code></dd><form action=//evil.example>",
    "&lt;script&gt;",
    // One character each to a reader who goes by grapheme clusters.
    "\u{600}<script>alert(1)</script>",
    "<\u{301}script>\"\u{301} onfocus=alert(1)\u{600}'",
    "{{title}}{{{detail}}}{{>layout}}",
]

/// Whether a page has marks of HTML that a page of the same template with harmless texts has not.
func hasOtherMarkup(_ page: Page, than template: Page) -> Bool {
    "<>\"'".utf8.contains { mark in
        page.html.utf8.count { $0 == mark } != template.html.utf8.count { $0 == mark }
    }
}

/// The hash of a page's one style element, as a browser makes it.
func styleHash(_ page: Page) -> String? {
    guard let start = page.html.range(of: "<style>"), let end = page.html.range(of: "</style>") else {
        return nil
    }
    let style = String(page.html[start.upperBound..<end.lowerBound])
    return Data(SHA256.digest(style.utf8.span)).base64EncodedString()
}
