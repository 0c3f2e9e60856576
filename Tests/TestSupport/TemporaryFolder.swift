import Foundation

/// A folder for one server or one test, gone with this value.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "symbolon-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // What cannot be removed is left to the system, which clears its temporary folder.
        try? FileManager.default.removeItem(at: url)
    }

    package var path: String { url.path(percentEncoded: false) }

    /// Writes a file that only its owner can read, as secrets must be, and returns its path. It is there whole or not at
    /// all, since a server may read it at any moment.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let path = url.appending(path: name).path(percentEncoded: false)
        let new = "\(path).\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(filePath: new))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: new)
        guard rename(new, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        return path
    }

    package func read(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }
}
