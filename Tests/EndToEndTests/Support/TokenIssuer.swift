import Foundation
import Synchronization
import TestSupport

/// An issuer of JSON Web Tokens that we did not write, in another process.
final class TokenIssuer: Sendable {
    let url: String
    private let process: ServerProcess
    private let folder: TemporaryFolder
    private let requests = Mutex(0)

    static func start() async throws -> TokenIssuer {
        let folder = try TemporaryFolder()
        let process = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("token-issuer.py")], workingDirectory: folder.url,
            logFile: folder.url.appending(path: "log"))
        let line = try await process.waitForLine(within: .seconds(300)) { $0.hasPrefix("ready ") }
        return TokenIssuer(process, folder, url: String(line.dropFirst(6)))
    }

    private init(_ process: ServerProcess, _ folder: TemporaryFolder, url: String) {
        self.process = process
        self.folder = folder
        self.url = url
    }

    var keySetURL: String { url + "/keys" }

    /// A token with the claims that are usual, and these instead of or besides them; JSON in both cases.
    func token(_ changes: [String: Any?] = [:], header: [String: Any] = [:]) async throws -> String {
        let now = Int(Date().timeIntervalSince1970)
        var claims: [String: Any] = [
            "iss": url, "aud": "symbolon", "sub": "app-1", "exp": now + 300, "iat": now,
            "workspace_id": "wsp_development",
        ]
        for (name, value) in changes { claims[name] = value }
        let answer = try await send(["op": "sign", "claims": claims, "header": header])
        return answer["token"] as? String ?? ""
    }

    /// Puts another key in the key's place.
    func rotate() async throws { _ = try await send(["op": "rotate"]) }

    func fetchCount() async throws -> Int { try await send(["op": "fetches"])["fetches"] as? Int ?? -1 }

    func stop() async { await process.stop() }

    private func send(_ request: [String: Any]) async throws -> [String: Any] {
        let id = requests.withLock { count in
            count += 1
            return count
        }
        var request = request
        request["id"] = id
        try process.write(
            line: String(decoding: try JSONSerialization.data(withJSONObject: request), as: UTF8.self))
        let line = try await process.waitForLine { $0.hasPrefix("{\"id\": \(id),") }
        return try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
}
