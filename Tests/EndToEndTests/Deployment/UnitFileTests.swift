import Foundation
import TestSupport
import Testing

/// The unit that is shipped, as systemd itself judges it.
@Suite("systemd unit") struct UnitFileTests {
    /// Of 100, the more exposed the higher. A service without any hardening has 96.
    private static let threshold = 15

    private func analyze(_ arguments: [String], _ text: String) async throws -> Tool.Result {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "symbolon.service")
        return try await Tool.run(
            "systemd-analyze", ["--no-pager"] + arguments + ["./symbolon.service"], in: folder)
    }

    private func unit() async throws -> ShippedFile {
        var unit = try await ShippedFile("systemd")
        try unit.replace("/usr/local/bin/symbolon", with: SymbolonBinary.path())
        return unit
    }

    @Test func `systemd takes it without a remark`() async throws {
        let good = try await analyze(["verify"], unit().text)
        #expect(good.status == 0 && good.output.isEmpty, "\(good.output)")
        var bad = try await unit()
        try bad.replace("ProtectSystem=strict", with: "ProtectSystem=very")
        #expect(try await !analyze(["verify"], bad.text).output.isEmpty)
    }

    @Test func `its exposure is low`() async throws {
        let security = ["security", "--offline=true", "--threshold=\(Self.threshold)"]
        let good = try await analyze(security, unit().text)
        #expect(good.status == 0)
        let verdict = try #require(good.output.split(separator: "\n").last { $0.contains("exposure level") })
        print(verdict)
        let bare = try await unit().text.split(separator: "\n").filter { line in
            !["Protect", "Private", "Restrict", "SystemCall", "Capability"].contains { line.hasPrefix($0) }
        }
        #expect(try await analyze(security, bare.joined(separator: "\n")).status != 0)
    }

    @Test func `it starts the program with arguments that it takes`() async throws {
        let line = try #require(
            try await unit().text.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
        let words = line.dropFirst("ExecStart=".count).split(separator: " ").map(String.init)
        let run = try await Tool.run(words[0], Array(words.dropFirst()))
        #expect(run.status == 3 && run.output.contains("/etc/symbolon/symbolon.yaml"), "\(run.output)")
    }
}
