import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The program as users run it: `symbolon serve`, in a folder of its own.
package final class SymbolonServer: Sendable {
    package let baseURL: String
    package let port: Int
    /// Where it runs; development mode keeps its files in `.symbolon` here.
    package let folder: TemporaryFolder
    package let process: ServerProcess

    /// Starts `symbolon serve --port PORT` with `arguments`, and returns when `/healthz` answers 200.
    ///
    /// - Parameters:
    ///   - folder: another server's, to start again where it stopped or to share its files.
    ///   - port: from `LoopbackPort.free()`, when something must know it beforehand.
    ///   - standardError: the name of a file in the folder, in place of the log's.
    package static func start(
        _ arguments: [String] = [], environment: [String: String] = [:], in folder: TemporaryFolder? = nil,
        port: Int? = nil, standardError: String? = nil
    ) async throws -> SymbolonServer {
        let server = try SymbolonServer(
            arguments, environment, in: folder ?? TemporaryFolder(), port: port ?? LoopbackPort.free(),
            standardError)
        // Its log first: another server on this port could send the 200.
        try await server.process.waitForLine { $0.hasPrefix("Symbolon ") }
        try await server.process.waitForOK(server.baseURL + "/healthz")
        return server
    }

    private init(
        _ arguments: [String], _ environment: [String: String], in folder: TemporaryFolder, port: Int,
        _ standardError: String?
    ) throws {
        self.folder = folder
        self.port = port
        baseURL = "http://127.0.0.1:\(port)"
        var command = [try SymbolonBinary.path(), "serve", "--port", String(port)] + arguments
        if let standardError {
            command = ["/bin/sh", "-c", "exec \"$0\" \"$@\" 2>\(standardError)"] + command
        }
        process = try ServerProcess(
            command[0], Array(command.dropFirst()), environment: environment,
            workingDirectory: folder.url, logFile: folder.url.appending(path: "symbolon-\(port).log"))
    }

    /// Everything it printed.
    package var log: String { get async throws { try await process.log } }

    /// The key that development mode made.
    package func apiKey() throws -> String {
        try folder.read(".symbolon/api-key").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The redirect URI that a provider must know.
    package func callbackURL(_ integration: String) -> String { Self.callbackURL(integration, port: port) }

    /// The same before the server runs.
    package static func callbackURL(_ integration: String, port: Int) -> String {
        "http://127.0.0.1:\(port)/api/v1/oauth/callback/\(integration)"
    }

    /// Sends a request with `key` as its credential, and a JSON body where there is one.
    package func send(
        _ method: HTTPMethod, _ path: String, json: String? = nil, key: String? = nil,
        headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers = headers
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let json {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: json))
        }
        return try await Answer(to: request)
    }

    @discardableResult
    package func stop() async -> Int32 { await process.stop() }
}
