import Foundation
import Synchronization
import TestSupport

/// Google Tink in another process: opens what we sealed, and seals what we must open.
final class TinkInterop: Sendable {
    struct Token: Codable, Sendable {
        /// Base64url without padding.
        let sealed: String
        /// Hexadecimal.
        let aad: String
        /// Hexadecimal.
        let plaintext: String
    }

    struct Outcome: Decodable, Sendable, Equatable {
        let opened: Int
        let wrong_plaintext: Int
        let refused: Int
        let first_failure: Int?
    }

    private let process: ServerProcess
    private let folder: TemporaryFolder
    private let requests = Mutex(0)

    /// Starts Tink with a cleartext JSON keyset; the first start ever also installs it.
    static func start(keyset: String) async throws -> TinkInterop {
        let folder = try TemporaryFolder()
        let process = try ServerProcess(
            "/usr/bin/env",
            ["python3", ServerScript.path("tink-interop.py"), folder.write(keyset, to: "keyset.json")],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "log"))
        try await process.waitForLine(within: .seconds(300)) { $0 == "ready" }
        return TinkInterop(process, folder)
    }

    private init(_ process: ServerProcess, _ folder: TemporaryFolder) {
        self.process = process
        self.folder = folder
    }

    func open(_ tokens: [Token]) async throws -> Outcome {
        try await answer(to: OpenRequest(id: nextID(), tokens: tokens))
    }

    /// Tokens with plaintexts of the given sizes, in bytes.
    ///
    /// - Parameter aads: the associated data, in hexadecimal, in turn.
    func seal(count: Int, sizes: [Int], aads: [String]) async throws -> [Token] {
        let request = SealRequest(id: nextID(), count: count, sizes: sizes, aads: aads)
        let sealed: Sealed = try await answer(to: request)
        return sealed.tokens
    }

    func stop() async { await process.stop() }

    private func nextID() -> Int {
        requests.withLock { count in
            count += 1
            return count
        }
    }

    private func answer<Value: Decodable>(
        to request: some Encodable & Identifiable<Int>
    ) async throws -> Value {
        try process.write(line: String(decoding: JSONEncoder().encode(request), as: UTF8.self))
        let start = "{\"id\": \(request.id),"
        let line = try await process.waitForLine(within: .seconds(120)) { $0.hasPrefix(start) }
        return try JSONDecoder().decode(Value.self, from: Data(line.utf8))
    }
}

private struct OpenRequest: Encodable, Identifiable {
    let id: Int
    let op = "open"
    let tokens: [TinkInterop.Token]
}

private struct SealRequest: Encodable, Identifiable {
    let id: Int
    let op = "seal"
    let count: Int
    let sizes: [Int]
    let aads: [String]
}

private struct Sealed: Decodable {
    let tokens: [TinkInterop.Token]
}
