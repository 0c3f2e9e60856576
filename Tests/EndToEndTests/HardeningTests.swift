import Foundation
import TestSupport
import Testing

/// What the running process does for its keys.
@Suite("Process hardening", .timeLimit(.minutes(1))) struct HardeningTests {
    private func proc(_ server: SymbolonServer, _ name: String) throws -> String {
        try String(contentsOfFile: "/proc/\(server.process.processIdentifier)/\(name)", encoding: .utf8)
    }

    /// Whether the system lets a process lock 256 KiB: within its limit, or beyond any with `CAP_IPC_LOCK`.
    private func mayLock(_ status: String, _ limits: String) throws -> Bool {
        let capabilities = try #require(status.firstMatch(of: /CapEff:\s+([0-9a-f]+)/)?.1)
        let limit = try #require(limits.firstMatch(of: /Max locked memory\s+(\w+)/)?.1)
        let mayLockAnything = try #require(UInt64(capabilities, radix: 16)) >> 14 & 1 == 1
        return mayLockAnything || limit == "unlimited" || Int(limit) ?? 0 >= 256 << 10
    }

    @Test func `S23 keys are locked into memory, and no core dump can hold them`() async throws {
        let server = try await SymbolonServer.start()
        let status = try proc(server, "status")
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
        let locked = try #require(line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first)
        let limits = try proc(server, "limits")
        let mayLock = try self.mayLock(status, limits)
        #expect((locked >= 256) == mayLock, "\(line)")
        #expect(try await server.log.contains("could not be locked") == !mayLock)
        #expect(limits.contains(/Max core file size\s+0\s+0/), "\(limits)")
        await server.stop()
    }

    @Test
    func `S23 a crash ends the process at once, and leaves neither a core dump nor registers in the log`()
        async throws
    {
        let server = try await SymbolonServer.start()
        server.process.send(SIGABRT)
        try await eventually("the process has ended") { !server.process.isRunning }
        try #require(!server.process.isRunning)
        #expect(await server.process.exitStatus() == 128 + SIGABRT)
        let files = try FileManager.default.contentsOfDirectory(atPath: server.folder.path)
        #expect(!files.contains { $0.hasPrefix("core") }, "\(files)")
        #expect(try await !server.log.contains("Registers"))
    }
}
