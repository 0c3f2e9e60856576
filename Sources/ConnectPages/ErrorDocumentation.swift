/// A published copy of the documentation, with a section for each error code.
package struct ErrorDocumentation: Sendable, Equatable {
    private let page: String

    /// - Parameter url: under which the DocC site is published: absolute, without a slash at its end, a query or a fragment.
    package init(siteURL url: String) { page = "\(url)/documentation/connectapi/errors" }

    /// The section of a code. DocC leaves all but letters and digits out of an anchor.
    package func url(of code: String) -> String {
        let anchor = code.utf8.filter { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        return "\(page)#\(String(decoding: anchor, as: UTF8.self))"
    }
}
