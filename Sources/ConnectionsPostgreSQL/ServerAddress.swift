#if PostgreSQL
import CPostgreSQL
package import Connections
import Glibc

/// Where the server is, in libpq's own words: a URL, in which every connection parameter may be set.
package struct ServerAddress: Sendable {
    private let url: String

    /// - Throws: if libpq does not understand the URL. What it says about it may hold a password, so it is not told.
    package init(_ url: String) throws(StoreError) {
        var error: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(url, &error)
        unsafe PQfreemem(error)
        guard let options = unsafe options else {
            throw .corrupt(reason: "libpq does not understand the store's URL")
        }
        unsafe PQconninfoFree(options)
        self.url = url
    }

    /// What comes before the URL is a default that it may change; what comes after it is not.
    private var parameters: [(keyword: String, value: String)] {
        [
            ("connect_timeout", "3"), ("keepalives_idle", "30"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "10000"), ("application_name", "symbolon"),
            ("dbname", url), ("client_encoding", "UTF8"),
        ]
    }

    func withParameters<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let parameters = parameters
        return unsafe Self.withCStrings(parameters.map(\.keyword)) { keywords in
            unsafe Self.withCStrings(parameters.map(\.value)) { values in
                unsafe body(keywords, values)
            }
        }
    }

    /// An array of C strings that ends with a null.
    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        var pointers = unsafe copies.map { unsafe UnsafePointer($0) }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array with an element") }
            return unsafe body(base)
        }
    }
}
#endif
