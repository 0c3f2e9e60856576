import Integrations

@testable import SymbolonCommands

/// The configuration file: nothing of it reaches a message but names.
struct ConfigurationTarget: FuzzTarget {
    private let known = Set(
        Setting.general.map(\.path) + IntegrationSetting.allCases.map { $0.setting(of: "generic").path })

    init() {}

    mutating func read(_ input: [UInt8]) throws -> Count {
        let file: SettingsFile
        do throws(ConfigurationError) {
            file = try SettingsFile("fuzz.yaml", text: String(decoding: input, as: UTF8.self))
        } catch {
            for mistake in error.mistakes { expect(isPlain(mistake) && mistake.utf8.count < 400, mistake) }
            return .refused
        }
        for setting in Setting.general {
            guard case .list(let texts) = file.value(of: setting) else { continue }
            expect(texts.count <= input.count)
        }
        for (path, line) in file.unknownNames(known) {
            expect(line >= 1 && !path.isEmpty)
            for step in path { expect(isPlain(step.shownAsName) && step.shownAsName.utf8.count <= 40) }
        }
        expect(file.catalogEntries?.members?.isEmpty != true)
        return .accepted
    }

    private func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}
