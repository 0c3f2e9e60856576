import Logging
import Synchronization
import Testing

@testable import SymbolonCommands

@Suite("OpenFiles") struct OpenFilesTests {
    private func lines(_ files: OpenFiles) -> [String] {
        let lines = LineRecorder.Lines()
        files.report(to: Logger(label: "test") { _ in LineRecorder(lines) })
        return lines.all
    }

    @Test(arguments: [(1_024, 768), (300, 44), (10, 16), (0, 16)])
    func `fewer connections than the operator wants are said, with the numbers`(
        _ limit: Int, _ count: Int
    ) throws {
        let files = OpenFiles(forConnections: 4_096, limit: limit)
        #expect(files.connectionCount == count)
        let line = try #require(lines(files).first)
        for text in ["4096", "\(count)", "4352", "ulimit"] { #expect(line.contains(text)) }
    }

    @Test(arguments: [4_352, 1_048_576, nil]) func `where there is room for all nothing is said`(
        _ limit: Int?
    ) {
        let files = OpenFiles(forConnections: 4_096, limit: limit)
        #expect(files.connectionCount == 4_096 && lines(files).isEmpty)
    }
}
