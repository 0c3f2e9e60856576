import Testing

@testable import SymbolonCommands

@Suite("ProcessFigures") struct ProcessFiguresTests {
    /// proc(5): 52 fields, of which the second is the program's name.
    private static func line(_ name: String, _ count: Int = 52) -> String {
        let rest = (3...count).map { position in position == 3 ? "S" : position == 8 ? "-1" : "\(position)00"
        }
        return "4711 (\(name)) \(rest.joined(separator: " "))\n"
    }

    @Test(arguments: ["symbolon", "a b", "a) S 1 2 3 (b", "()", ")"])
    func `the figures are found whatever the program is called`(_ name: String) {
        let figures = ProcessFigures(Self.line(name), ticksPerSecond: 100, pageByteCount: 4_096)
        #expect(figures?.processorSeconds == 29)
        #expect(figures?.startSeconds == 22)
        #expect(figures?.residentByteCount == 9_830_400)
    }

    @Test func `what is no line of figures gives none`() {
        for text in [
            "", "4711 symbolon S", Self.line("symbolon", 23), "1 (a) " + String(repeating: "x ", count: 50),
        ] {
            #expect(ProcessFigures(text, ticksPerSecond: 100, pageByteCount: 4_096) == nil, "\(text)")
        }
        #expect(ProcessFigures(Self.line("a"), ticksPerSecond: 0, pageByteCount: 4_096) == nil)
    }

    @Test func `this process has figures`() throws {
        let figures = try #require(ProcessFigures.read())
        #expect(figures.processorSeconds > 0 && figures.residentByteCount > 1_000_000)
        #expect(figures.startSeconds > 0 && ProcessFigures.machineStart > 1_600_000_000)
        #expect(try #require(ProcessFigures.openFileCount) > 2)
    }
}
