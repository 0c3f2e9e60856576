import Access
import Connections
import Foundation
import Testing

@testable import ConnectService

@Suite("WebhookEndpoints", .timeLimit(.minutes(1))) struct WebhookEndpointsTests {
    private static let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"
    private static let target = WebhookTarget(workspaceID: "wsp_one", url: "https://a.example/x")

    private let folder: TemporaryFolder
    private let logs = LogRecorder()

    init() throws { folder = try TemporaryFolder() }

    private func endpoints() -> WebhookEndpoints {
        let endpoint = WebhookEndpoint(
            url: Self.target.url, secretFile: folder.path("secret"), types: Set(WebhookType.allCases))
        return WebhookEndpoints(
            WorkspaceDirectory([
                Workspace(
                    id: Self.target.workspaceID, redirectURIs: .everyLoopback, webhooks: [endpoint])
            ]), logger: logs.logger)
    }

    private var lineCount: Int { logs.text.split(separator: "\n").count }

    @Test func `a bad file is said once for each problem, and never with what it holds`() async throws {
        let endpoints = endpoints()
        for _ in 0..<3 { #expect(await endpoints.secrets(of: Self.target) == nil) }
        #expect(lineCount == 1 && logs.text.contains("cannot be read"))
        _ = try folder.write("whsec_tooshort", to: "secret")
        for _ in 0..<3 { #expect(await endpoints.secrets(of: Self.target) == nil) }
        #expect(lineCount == 2 && !logs.text.contains("tooshort"))
        _ = try folder.write(Self.good, to: "secret")
        #expect(await endpoints.secrets(of: Self.target)?.count == 1)
        #expect(lineCount == 3 && logs.text.contains("good again"))
    }

    @Test func `S28 what is no regular file, or a large one, is not read`() throws {
        #expect(throws: BoundedFile.Failure.notRegular) { try WebhookEndpoints.read("/dev/zero") }
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: BoundedFile.Failure.notRegular) { try WebhookEndpoints.read(pipe) }
        let large = try folder.write(Self.good + String(repeating: "\n", count: 4_096), to: "large")
        #expect(throws: BoundedFile.Failure.tooLarge(limit: 4_096)) { try WebhookEndpoints.read(large) }
        let exact = Self.good + String(repeating: "\n", count: 4_096 - Self.good.utf8.count)
        #expect(try WebhookEndpoints.read(folder.write(exact, to: "exact")).count == 1)
    }
}
