import Logging
import Testing

@testable import ConnectService

/// From which level on each part logs.
@Suite("Log levels") struct LogLevelsTests {
    private func all(_ levels: LogLevels) -> Set<Logger.Level> {
        Set(LogLevels.Part.allCases.map { levels.level(of: $0) })
    }

    @Test(arguments: Logger.Level.allCases) func `every part begins as the settings say`(
        _ level: Logger.Level
    ) {
        #expect(all(LogLevels(level)) == [level])
    }

    @Test(arguments: LogLevels.Part.allCases) func `a part is changed and brought back by itself`(
        _ part: LogLevels.Part
    ) {
        let levels = LogLevels(.info)
        for level in Logger.Level.allCases {
            levels.change([part: level])
            for other in LogLevels.Part.allCases {
                #expect(levels.level(of: other) == (other == part ? level : .info))
            }
        }
        levels.change([part: Logger.Level?.none])
        #expect(all(levels) == [.info])
    }

    @Test func `all parts say more, and then what the settings say, whatever was changed before`() {
        let levels = LogLevels(.info)
        #expect(levels.toggle() == .debug && all(levels) == [.debug])
        #expect(levels.toggle() == .info && all(levels) == [.info])
        levels.change([.keys: .error])
        #expect(levels.toggle() == .info && all(levels) == [.info])
        let verbose = LogLevels(.debug)
        #expect(verbose.toggle() == .trace && verbose.toggle() == .debug)
    }

    @Test func `a logger of no part is the service's`() {
        for part in LogLevels.Part.allCases { #expect(LogLevels.Part(label: part.label) == part) }
        for label in ["", "symbolon.", "symbolon.other", "Symbolon.keys", "keys"] {
            #expect(LogLevels.Part(label: label) == .service)
        }
    }

    @Test(arguments: [
        "", " ", "a b", "a\nb", "a\u{1B}", "a,b", "é", "a\u{301}", "a\u{0}",
        String(repeating: "a", count: 129),
    ])
    func `S23 a text that is no request id is none`(_ text: String) {
        #expect(RequestIdentifier(text) == nil)
    }

    @Test(arguments: ["a", "0", "A-b_c.9", String(repeating: "a", count: 128)])
    func `a request id stays as it came`(_ text: String) {
        #expect(RequestIdentifier(text)?.description == text)
    }
}
