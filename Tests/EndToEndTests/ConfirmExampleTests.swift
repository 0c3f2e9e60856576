import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The examples of the documentation's page on confirm mode, each run as an app's server.
@Suite("Examples of confirm mode", .timeLimit(.minutes(5))) struct ConfirmExampleTests {
    /// A language, the command that runs its example, and the file that the page quotes.
    struct Example: Sendable, CustomTestStringConvertible {
        let language: String
        let file: String
        let command: [String]
        var testDescription: String { language }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Examples/confirm")

    static let examples = [
        Example(language: "Python", file: "confirm.py", command: ["python3", "-B", "drive.py"]),
        Example(language: "Node.js", file: "confirm.mjs", command: ["node", "drive.mjs"]),
        // `go run` would leave its program behind when it is stopped.
        Example(
            language: "Go", file: "confirm.go",
            command: ["sh", "-c", #"go build -o "$APP" confirm.go drive.go && exec "$APP""#]),
        Example(language: "Swift", file: "swift/Confirm.swift", command: []),
    ]

    @Test(arguments: examples)
    func `S11 S34 an app's server connects its own users, and nobody else's`(_ example: Example) async throws
    {
        let server = try await SymbolonServer.start()
        let app = try start(example, server)
        try await app.waitForLine(within: .seconds(180)) { $0 == "ready" }
        let redirectURI = "http://localhost:3000/connected"
        for session in ["a", "b"] { try app.write(line: "begin \(session) sandbox \(redirectURI)") }
        let first = try await allow(try await opened(app, "a"))
        let second = try await allow(try await opened(app, "b"))
        // The swap: A's answer is brought to B's session.
        try app.write(line: "finish b \(first)")
        try await app.waitForLine { $0 == "refused b 403" }
        // A forged address, and a session that began nothing.
        try app.write(line: "finish c \(second)")
        try await app.waitForLine { $0 == "refused c here" }
        try app.write(line: "begin d sandbox \(redirectURI)")
        _ = try await opened(app, "d")
        try app.write(
            line: "finish d \(redirectURI)?status=success&connection_id=conn_AAAAAAAAAAAAAAAAAAAAAA")
        try await app.waitForLine { $0.hasPrefix("refused d") }
        try app.write(line: "finish a \(first)")
        let line = try await app.waitForLine { $0.hasPrefix("connected a conn_") }
        let id = line.split(separator: " ")[2]
        let read = try await server.send(.GET, "/api/v1/connections/\(id)", key: server.apiKey())
        #expect(read.status == 200 && read.body.contains(#""binding":"confirmed""#))
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body.components(separatedBy: #""id":"conn_"#).count == 2)
        await app.stop()
        await server.stop()
    }

    @Test(arguments: examples)
    func `the page quotes the example as it is`(_ example: Example) throws {
        let page = try String(
            contentsOf: Self.folder.appending(
                path: "../../../../Sources/ConnectAPI/ConnectAPI.docc/ConfirmMode.md"), encoding: .utf8)
        let code = try String(contentsOf: Self.folder.appending(path: example.file), encoding: .utf8)
        #expect(page.contains("\n\(code)```\n"), "\(example.file) and the page differ")
    }

    private func start(_ example: Example, _ server: SymbolonServer) throws -> ServerProcess {
        let environment = [
            "SYMBOLON_URL": server.baseURL, "SYMBOLON_API_KEY": try server.apiKey(),
            "APP": server.folder.path + "/app",
            "GOCACHE": FileManager.default.temporaryDirectory.appending(path: "symbolon-go").path,
        ]
        let binary = try SymbolonBinary.path()
        let command =
            example.command.isEmpty
            ? [String(binary.dropLast("symbolon".count)) + "ConfirmExample"]
            : ["/usr/bin/env"] + example.command
        return try ServerProcess(
            command[0], Array(command.dropFirst()), environment: environment, workingDirectory: Self.folder,
            logFile: server.folder.url.appending(path: "app.log"))
    }

    /// The address that the app sends a session's browser to.
    private func opened(_ app: ServerProcess, _ session: String) async throws -> String {
        let line = try await app.waitForLine { $0.hasPrefix("open \(session) ") }
        return String(line.dropFirst("open \(session) ".count))
    }

    /// Presses Allow on the sandbox's page: the address that the browser comes home with.
    private func allow(_ authURL: String) async throws -> String {
        let browser = Browser()
        let page = try await browser.open(authURL)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        let sent = try await browser.submit(form, on: page, pressing: button)
        let callback = try #require(sent.redirectTarget)
        return try #require(try await browser.open(callback).redirectTarget)
    }
}
