import Access
import ConnectService
import Foundation
import StateTokens
import Synchronization
import Testing

@Suite("LiveAPIKeys") struct LiveAPIKeysTests {
    private let folder: TemporaryFolder
    private let path: String
    private let first: (key: APIKey, text: String)
    private let second: (key: APIKey, text: String)
    private let told = Told()

    private final class Told: Sendable {
        private let list = Mutex<[LiveAPIKeys.Outcome]>([])

        var outcomes: [LiveAPIKeys.Outcome] { list.withLock { $0 } }

        func add(_ outcome: LiveAPIKeys.Outcome) { list.withLock { $0.append(outcome) } }
    }

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("api-keys.json")
        first = try Self.made()
        second = try Self.made()
        try replace([first.key])
    }

    private static func made() throws -> (key: APIKey, text: String) {
        try APIKey.make(
            label: "test", workspaceIDs: ["wsp_1"], permissions: [.read], expiresAt: nil, at: TestKeys.start)
    }

    private func replace(_ keys: [APIKey]) throws {
        try replace(String(decoding: APIKeyFile.json(keys), as: UTF8.self))
    }

    private func replace(_ text: String, mode: Int = 0o600) throws {
        let temporary = try folder.write(text, to: "\(UUID())")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: temporary)
        guard rename(temporary, path) == 0 else { throw POSIXError(.EIO) }
    }

    private func live() throws -> LiveAPIKeys {
        LiveAPIKeys(try APIKeyFile.load(path), from: path, observer: { [told] in told.add($0) })
    }

    private func opens(_ text: String, _ live: LiveAPIKeys) -> Bool {
        (try? live.table.principal(for: text, at: TestKeys.start)) != nil
    }

    @Test func `a key beside the file stays whatever the file says`() throws {
        let beside = try Self.made()
        let live = LiveAPIKeys(try APIKeyFile.load(path), from: path, besides: [beside.key])
        #expect(opens(beside.text, live) && opens(first.text, live))
        try replace([first.key.revoked(), second.key])
        #expect(live.reloadIfChanged() == .replaced(count: 2))
        #expect(opens(beside.text, live) && !opens(first.text, live))
    }

    @Test func `a new key is taken, and a revoked one is not any more`() throws {
        let live = try live()
        #expect(live.reloadIfChanged() == .unchanged)
        try replace([first.key.revoked(), second.key])
        #expect(live.reloadIfChanged() == .replaced(count: 2))
        #expect(!opens(first.text, live) && opens(second.text, live))
        #expect(live.reloadIfChanged() == .unchanged)
    }

    @Test(arguments: ["", "{", #"{"keys": [{}]}"#]) func `a bad file keeps the keys`(_ text: String) throws {
        let live = try live()
        try replace(text)
        guard case .refused(let problem) = live.reloadIfChanged() else {
            Issue.record("accepted")
            return
        }
        #expect(live.problem == problem && opens(first.text, live))
    }

    @Test func `a file that everybody may write keeps the keys`() throws {
        let live = try live()
        try replace(String(decoding: APIKeyFile.json([second.key]), as: UTF8.self), mode: 0o666)
        #expect(live.reloadIfChanged() == .refused(.tooOpen(path: path)))
        #expect(opens(first.text, live) && !opens(second.text, live))
    }

    @Test func `a file that is gone keeps the keys`() throws {
        let live = try live()
        live.reloadIfChanged()
        try FileManager.default.removeItem(atPath: path)
        live.reloadIfChanged()
        #expect(live.problem != nil && opens(first.text, live))
    }

    @Test func `a problem is told of once, and so is its end`() throws {
        let live = try live()
        try replace("{")
        for _ in 0..<3 { live.reloadIfChanged() }
        live.reload()
        try replace([first.key])
        for _ in 0..<3 { live.reloadIfChanged() }
        #expect(told.outcomes.count == 2 && told.outcomes.last == .restored && live.problem == nil)
    }
}
