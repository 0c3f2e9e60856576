import Foundation
import TestSupport
import Testing

/// A collector of traces that reads what it is sent with `opentelemetry-proto` from PyPI.
struct TraceCollector {
    struct Span: Decodable {
        let name: String
        let kind: Int
        let trace: String
        let span: String
        let parent: String
        let state: String
        let flags: Int
        let links: [String]
        let status: Int
        let attributes: [String: String]
        let service: String
    }

    let process: ServerProcess
    let url: String
    /// With the log; it goes with this value.
    let folder: TemporaryFolder

    static func start() async throws -> TraceCollector {
        let folder = try TemporaryFolder()
        let process = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("otlp-collector.py")],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "log"))
        let ready = try await process.waitForLine(within: .seconds(300)) { $0.hasPrefix("ready ") }
        return TraceCollector(process: process, url: String(ready.dropFirst(6)), folder: folder)
    }

    /// What follows the word at the beginning of a line.
    func lines(_ kind: String) async throws -> [String] {
        try await process.log.split(separator: "\n").filter { $0.hasPrefix("\(kind) ") }
            .map { String($0.dropFirst(kind.count + 1)) }
    }

    func spans() async throws -> [Span] {
        try await lines("span").map { try JSONDecoder().decode(Span.self, from: Data($0.utf8)) }
    }
}
