import Foundation
import TestSupport
import Testing

/// What the running process does for its keys.
@Suite("Process hardening", .timeLimit(.minutes(1))) struct HardeningTests {
    private func proc(_ server: SymbolonServer, _ name: String) throws -> String {
        try String(contentsOfFile: "/proc/\(server.process.processIdentifier)/\(name)", encoding: .utf8)
    }

    @Test func `S23 keys are locked into memory, and no core dump can hold them`() async throws {
        let server = try await SymbolonServer.start()
        let status = try proc(server, "status")
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
        let locked = try #require(line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first)
        #expect(locked >= 256 || server.log.contains("could not be locked"), "\(line)")
        let limits = try proc(server, "limits")
        #expect(limits.contains(/Max core file size\s+0\s+0/), "\(limits)")
        await server.stop()
    }

    @Test
    func `S23 a crash ends the process at once, and leaves neither a core dump nor registers in the log`()
        async throws
    {
        let server = try await SymbolonServer.start()
        server.process.send(SIGABRT)
        for _ in 0..<500 where server.process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        try #require(!server.process.isRunning)
        #expect(await server.process.exitStatus() == 128 + SIGABRT)
        let files = try FileManager.default.contentsOfDirectory(atPath: server.folder.path)
        #expect(!files.contains { $0.hasPrefix("core") }, "\(files)")
        #expect(!server.log.contains("Registers"))
    }
}
