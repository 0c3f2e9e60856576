import Foundation
import TestSupport
import Testing

/// An app's side as the examples show it, each run as its first lines say.
@Suite("Examples", .timeLimit(.minutes(3))) struct ExampleTests {
    enum Language: String, CaseIterable, CustomStringConvertible {
        case python
        case node
        case go
        case swift

        var description: String { rawValue }

        private var folder: String {
            URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "Examples/\(rawValue)").path(percentEncoded: false)
        }

        /// Runs the example; Go's and Swift's are compiled first.
        func start(_ settings: [String: String], in place: TemporaryFolder) async throws -> ServerProcess {
            let source = "\(folder)/connect"
            switch self {
            case .python: return try run("python3", ["\(source).py"], settings, in: place)
            case .node: return try run("node", ["\(source).mjs"], settings, in: place)
            case .go:
                let compiler = try await Tool.run("/usr/bin/env", ["go", "build", "\(source).go"], in: place)
                try #require(compiler.status == 0, "\(compiler.output)")
            case .swift:
                let compiler = try await Tool.run(
                    "/usr/bin/env",
                    ["swiftc", "-swift-version", "6", "-warnings-as-errors", "\(source).swift"], in: place)
                try #require(compiler.status == 0, "\(compiler.output)")
            }
            return try run("\(place.path)/connect", [], settings, in: place)
        }

        private func run(
            _ program: String, _ arguments: [String], _ settings: [String: String], in place: TemporaryFolder
        ) throws -> ServerProcess {
            try ServerProcess(
                "/usr/bin/env", [program] + arguments, environment: settings, workingDirectory: place.url,
                logFile: place.url.appending(path: "\(UUID()).log"))
        }
    }

    /// A user's way through the app and the sandbox, up to the address at which the app is told.
    private func begin(_ app: String, _ user: Browser) async throws -> String {
        let page = try await user.follow(try await user.open("\(app)/"))
        let form = try #require(page.forms.first, "\(page.body)")
        let button = try #require(form.buttons.first { $0.value == "allow" })
        let answer = try await user.submit(form, on: page, pressing: button)
        return try #require(
            try await user.follow(answer) { $0.hasPrefix(app) }.redirectTarget)
    }

    @Test(arguments: Language.allCases)
    func `S34 the app connects its user, and believes no address`(_ language: Language) async throws {
        let server = try await SymbolonServer.start()
        let place = try TemporaryFolder()
        let port = try LoopbackPort.free()
        let example = try await language.start(
            [
                "SYMBOLON_URL": server.baseURL, "SYMBOLON_API_KEY": try server.apiKey(),
                "PORT": String(port),
            ], in: place)
        let app = "http://localhost:\(port)"
        try await example.waitForLine(within: .seconds(90)) { $0 == "Open \(app)/" }

        let ada = Browser()
        let told = try await begin(app, ada)
        let connectionID = try #require(FormEncoding.query(of: told)["connection_id"])
        let done = try await ada.open(told)
        #expect(done.status == 200)
        #expect(done.body == "Connected \(connectionID): alex@sandbox.example")

        // Somebody else's connection, in the session of a user who has a flow under way, and of one who has none.
        let charles = Browser()
        _ = try await charles.follow(try await charles.open("\(app)/"))
        #expect(try await charles.open(told).status == 403)
        #expect(try await Browser().open(told).status == 403)
        #expect(try await ada.open(told).status == 403)
        // Made up, and made to lead elsewhere.
        for forged in ["conn_AAAAAAAAAAAAAAAAAAAAAA", "..%2F..%2Fhealthz", "%3Flimit=1", ""] {
            let mallory = Browser()
            _ = try await begin(app, mallory)
            let page = try await mallory.open(
                "\(app)/connected?status=success&connection_id=\(forged)&integration_id=sandbox&flow_id=x")
            #expect(page.status == 403, "\(forged)")
            #expect(!page.body.contains("@"))
        }
        let denied = try await Browser().open("\(app)/connected?status=error&error=access_denied")
        #expect(denied.status == 400 && denied.body.contains("access_denied"))
        await example.stop()
        // An exception after the response has gone out shows nowhere else.
        #expect(try await example.log == "Open \(app)/\n")
        await server.stop()
    }
}
