import Foundation
import OpenTelemetry
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("TracingSettings") struct TracingSettingsTests {
    private static let endpoint = "SYMBOLON_TRACING_OTLP_ENDPOINT"
    private static let headersFile = "SYMBOLON_TRACING_HEADERS_FILE"
    private static let sample = "SYMBOLON_TRACING_SAMPLE"

    private func read(
        _ environment: [String: String]
    ) throws -> (settings: TracingSettings?, mistakes: [String], shown: [String]) {
        var reader = SettingsReader(
            try SettingsSources(flags: [:], file: nil, environment: environment))
        let settings = TracingSettings.read(&reader)
        return (settings, reader.mistakes, reader.findings.map(\.shown))
    }

    @Test func `nothing is traced unless there is an endpoint`() throws {
        let found = try read([:])
        #expect(found.settings == nil && found.mistakes.isEmpty && found.shown.isEmpty)
    }

    @Test(arguments: [("0", 0), ("1", 1), ("0.25", 0.25), (".5", 0.5), ("1.0", 1)])
    func `a share from 0 to 1 is taken`(_ text: String, _ share: Double) throws {
        let found = try read([Self.endpoint: "http://localhost:4318", Self.sample: text])
        #expect(found.settings?.share == share && found.mistakes.isEmpty)
    }

    @Test func `all traces are recorded unless a share is set`() throws {
        let found = try read([Self.endpoint: "http://localhost:4318"])
        #expect(found.settings?.share == 1)
        #expect(found.shown == ["http://localhost:4318", "1"])
    }

    @Test(arguments: ["-0.1", "1.1", "2", "10%", "1e-1", "nan", "inf", "0x1p-1", "half", ".", "1,5", "+1"])
    func `another share is a mistake`(_ text: String) throws {
        let found = try read([Self.endpoint: "http://localhost:4318", Self.sample: text])
        #expect(found.mistakes == ["tracing.sample must be a number from 0 to 1, such as 0.1"])
    }

    @Test(arguments: [
        "localhost:4318", "grpc://localhost:4317", "https://user@collector.example.com", "http://",
    ])
    func `an endpoint that is no URL of a collector is a mistake`(_ text: String) throws {
        #expect(try read([Self.endpoint: text]).mistakes.count == 1)
    }

    @Test func `a share and headers without an endpoint are mistakes`() throws {
        let folder = try TemporaryFolder()
        try folder.write("X-Key: canary\n", to: "headers")
        let found = try read([Self.sample: "1", Self.headersFile: folder.path + "/headers"])
        #expect(
            found.mistakes == [
                "tracing.headers_file is set, but not tracing.otlp_endpoint",
                "tracing.sample is set, but not tracing.otlp_endpoint",
            ])
    }

    @Test(arguments: [
        ("https://collector.example.com", 0), ("http://127.0.0.1:4318", 0), ("http://[::1]:4318", 0),
        ("http://collector.example.com:4318", 1), ("http://10.0.0.7:4318", 1),
        ("http://localhost.example.com:4318", 1),
    ]) func `S23 headers go over no open network`(_ endpoint: String, _ mistakeCount: Int) throws {
        let folder = try TemporaryFolder()
        try folder.write("Authorization: Bearer canary\n", to: "headers")
        let found = try read([Self.endpoint: endpoint, Self.headersFile: folder.path + "/headers"])
        #expect(found.mistakes.count == mistakeCount)
        #expect(found.settings?.headers.map(\.value) == ["Bearer canary"])
        #expect(!found.shown.contains { $0.contains("canary") })
    }

    @Test(arguments: ["canary", "Host: canary", "", "# nothing"])
    func `S23 a file that holds no headers is a mistake, and is not repeated`(_ text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "headers")
        let found = try read([
            Self.endpoint: "https://collector.example.com", Self.headersFile: folder.path + "/headers",
        ])
        #expect(found.mistakes.count == 1 && !found.mistakes[0].contains("canary"))
    }

    @Test func `S23 a header in place of its file is not repeated`() throws {
        let found = try read([
            Self.endpoint: "https://collector.example.com", Self.headersFile: "Authorization: Bearer canary",
        ])
        #expect(found.mistakes.count == 1 && !found.mistakes[0].contains("canary"))
        #expect(!found.shown.contains { $0.contains("canary") })
    }
}
