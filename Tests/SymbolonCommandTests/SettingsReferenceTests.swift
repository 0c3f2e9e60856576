import Foundation
import Testing

@testable import SymbolonCommands

/// The page that describes each setting, against the settings themselves.
@Suite("Settings reference") struct SettingsReferenceTests {
    /// Prose has these two, since each is another's value.
    private static let inProse: Set<Setting> = [.stateKeyringText, .connectionsKeyringText]

    private static func page() throws -> String {
        let page = URL(filePath: #filePath).appending(
            path: "../../../Sources/SymbolonCommands/SymbolonCommands.docc/Settings.md")
        return try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
    }

    /// The first column of the tables; the file of workspaces has names of its own.
    private static func described() throws -> [String] {
        try page().matches(of: /(?m)^\| `([a-z_A-Z.]+)` \|/).map { String($0.output.1) }
            .filter { !$0.hasPrefix("workspaces.") }
    }

    private static var settings: [String] {
        Setting.general.filter { !inProse.contains($0) }.map(\.name)
            + IntegrationSetting.allCases.map { $0.setting(of: "ID").name } + ["integrations.ID.params.NAME"]
    }

    @Test func `each setting has a row`() throws {
        let described = try Self.described()
        for name in Self.settings { #expect(described.contains(name), "\(name) is not in Settings.md") }
        let page = try Self.page()
        for setting in Self.inProse {
            #expect(page.contains("`\(setting.name)`") && page.contains("`\(setting.environmentVariable)`"))
        }
    }

    @Test func `each row is of a setting, and comes once`() throws {
        let described = try Self.described()
        let settings = Set(Self.settings)
        for name in described { #expect(settings.contains(name), "there is no setting \(name)") }
        #expect(Set(described).count == described.count)
    }
}
