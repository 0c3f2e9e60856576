import Foundation
import TestSupport
import Testing

@Suite("Colours") struct ColourTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What the program writes to a terminal.
    private func onTerminal(_ environment: [String: String]) async throws -> String {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { close(terminal) }
        // TIOCSPTLCK and TIOCGPTN: unlock the other end, and learn its number.
        var lock: CInt = 0
        var number: CUnsignedInt = 0
        try #require(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        let name = "/dev/pts/\(number)"
        // Kept open, so that what was written is still there when the program has ended.
        let other = open(name, O_RDWR | O_NOCTTY)
        defer { close(other) }
        let run = try await CommandRun(
            ["keys", "list", "--keyring", "state.keyring"], environment: environment, output: name, in: folder
        )
        #expect(run.status == 0)
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = read(terminal, &octets, octets.count)
        return String(decoding: octets[..<max(0, count)], as: UTF8.self)
    }

    @Test func `colours are for terminals, and not with NO_COLOR or on a dumb one`() async throws {
        _ = try await folder.symbolon("keys", "generate", "--keyring", "state.keyring")
        #expect(try await onTerminal(["TERM": "xterm", "NO_COLOR": ""]).contains("\u{1b}[32msealing"))
        for environment in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb", "NO_COLOR": ""]] {
            let text = try await onTerminal(environment)
            #expect(text.contains("sealing") && !text.contains("\u{1b}"))
        }
        let piped = try await folder.symbolon(
            "keys", "list", "--keyring", "state.keyring", environment: ["TERM": "xterm", "NO_COLOR": ""])
        #expect(!piped.output.contains("\u{1b}"))
    }
}
