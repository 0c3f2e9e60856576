import Foundation

/// The built `symbolon` program.
package enum SymbolonBinary {
    package enum NotFound: Error { case notBuilt(path: String) }

    /// `SYMBOLON_BINARY`, or the program that was built together with the tests that run.
    package static func path() throws(NotFound) -> String {
        let named = ProcessInfo.processInfo.environment["SYMBOLON_BINARY"]
        let path = named.map { URL(filePath: $0) } ?? productsDirectory.appending(path: "symbolon")
        let absolute = path.standardizedFileURL.path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: absolute) else { throw .notBuilt(path: absolute) }
        return absolute
    }

    /// Where the running test executable lies.
    private static var productsDirectory: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }
}
