import Foundation
import Synchronization
import TestSupport

/// A real browser, headless: Debian's Chromium, driven over its debugging pipe.
///
/// It has a profile of its own, which is gone with this value.
final class Chromium: Sendable {
    /// The size of the window and the colours that its owner likes.
    struct View: Sendable, CustomStringConvertible {
        let width: Int
        let height: Int
        let isDark: Bool

        static let wide = View(width: 1_200, height: 900, isDark: false)
        static let wideDark = View(width: 1_200, height: 900, isDark: true)
        static let phone = View(width: 360, height: 740, isDark: false)
        static let phoneDark = View(width: 360, height: 740, isDark: true)
        static let all: [View] = [.wide, .wideDark, .phone, .phoneDark]

        var description: String { "\(width) px, \(isDark ? "dark" : "light")" }
    }

    let view: View
    private let folder: TemporaryFolder
    private let process = Process()
    private let input = Pipe()
    private let replies = ChromiumReplies()

    /// - Parameter arguments: more of the command line.
    static func start(_ view: View = .wide, arguments: [String] = []) throws -> Chromium {
        try Chromium(view, arguments)
    }

    private init(_ view: View, _ arguments: [String]) throws {
        self.view = view
        folder = try TemporaryFolder()
        let output = Pipe()
        // The debugging pipe is two file descriptors, 3 and 4, which a Process cannot set: a shell moves its own there.
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            [
                "-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>&1", "sh", "chromium", "--headless",
                // The tests may run as root, and open nothing but pages of their own servers.
                "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
                "--user-data-dir=\(folder.path)",
            ] + arguments + ["about:blank"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.terminationHandler = { LeftoverProcesses.remove($0.processIdentifier) }
        output.fileHandleForReading.readabilityHandler = { [replies] handle in
            let octets = handle.availableData
            if octets.isEmpty { handle.readabilityHandler = nil }
            replies.take(octets)
        }
        try process.run()
        LeftoverProcesses.add(process.processIdentifier)
        if !process.isRunning { LeftoverProcesses.remove(process.processIdentifier) }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Opens `url` in a new tab, and waits until it is there.
    func open(_ url: String) async throws -> ChromiumTab {
        let target = try await send("Target.createTarget", ["url": .text("about:blank")], as: Target.self)
        let tab = try await attach(target.targetId)
        try await tab.open(url)
        return tab
    }

    /// A tab that a page opened, once its URL begins with `prefix`.
    func tab(_ prefix: String) async throws -> ChromiumTab {
        for _ in 0..<200 {
            if let found = try await targets().first(where: { $0.url.hasPrefix(prefix) }) {
                let tab = try await attach(found.targetId)
                // A new window's URL is known before its document is there.
                try await tab.wait("location.href.startsWith(\(ChromiumTab.quoted(prefix)))")
                return tab
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ChromiumError.noTab(prefix, found: try await targets().map(\.url))
    }

    /// A frame of another site than the page around it, once its URL begins with `prefix`.
    func frame(_ prefix: String) async throws -> ChromiumTab {
        for _ in 0..<200 {
            if let found = try await targets("iframe").first(where: { $0.url.hasPrefix(prefix) }) {
                return try await session(found.targetId)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ChromiumError.noTab(prefix, found: try await targets("iframe").map(\.url))
    }

    /// The URLs of all tabs.
    func urls() async throws -> [String] { try await targets().map(\.url) }

    private func targets(_ type: String = "page") async throws -> [Target] {
        let found = try await send("Target.getTargets", as: Targets.self)
        return found.targetInfos.filter { $0.type == type && $0.url != "about:blank" }
    }

    private func attach(_ target: String) async throws -> ChromiumTab {
        let tab = try await session(target)
        try await tab.prepare()
        return tab
    }

    private func session(_ target: String) async throws -> ChromiumTab {
        let session = try await send(
            "Target.attachToTarget", ["targetId": .text(target), "flatten": .flag(true)], as: Session.self)
        return ChromiumTab(self, session: session.sessionId)
    }

    /// Sends a command and decodes its result.
    @discardableResult
    func send<Result: Decodable>(
        _ method: String, _ parameters: [String: ChromiumValue] = [:], session: String? = nil,
        as type: Result.Type = Nothing.self
    ) async throws -> Result {
        let octets: Data = try await withCheckedThrowingContinuation { continuation in
            let id = replies.expect(continuation)
            let command = Command(id: id, method: method, params: parameters, sessionId: session)
            do {
                try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(command) + [0])
            } catch {
                replies.fail(id, error)
            }
        }
        let reply = try JSONDecoder().decode(Reply<Result>.self, from: octets)
        guard let result = reply.result else {
            throw ChromiumError.refused(method, reply.error?.message ?? "no result")
        }
        return result
    }

    struct Nothing: Decodable {}

    private struct Command: Encodable {
        let id: Int
        let method: String
        let params: [String: ChromiumValue]
        let sessionId: String?
    }

    private struct Reply<Result: Decodable>: Decodable {
        struct Problem: Decodable { let message: String }
        let result: Result?
        let error: Problem?
    }

    private struct Target: Decodable {
        let targetId: String
        var type = "page"
        var url = ""

        enum CodingKeys: CodingKey { case targetId, type, url }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            targetId = try values.decode(String.self, forKey: .targetId)
            type = try values.decodeIfPresent(String.self, forKey: .type) ?? type
            url = try values.decodeIfPresent(String.self, forKey: .url) ?? url
        }
    }

    private struct Targets: Decodable { let targetInfos: [Target] }
    private struct Session: Decodable { let sessionId: String }
}

enum ChromiumError: Error {
    case refused(String, String)
    case noTab(String, found: [String])
    case script(String)
    case neverTrue(String, page: String)
    case neverFocused(String, stops: [String])
    case ended
}

/// What a command's parameter can be.
enum ChromiumValue: Encodable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([[String: String]])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        }
    }
}

/// The replies under way, told apart by their numbers; messages end with NUL.
private final class ChromiumReplies: Sendable {
    private struct State {
        var rest = Data()
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Data, any Error>] = [:]
        var hasEnded = false
    }

    private struct Message: Decodable { let id: Int? }

    private let state = Mutex(State())

    func expect(_ continuation: CheckedContinuation<Data, any Error>) -> Int {
        state.withLock { state in
            state.lastID += 1
            state.waiting[state.lastID] = continuation
            return state.lastID
        }
    }

    func fail(_ id: Int, _ error: any Error) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: error)
    }

    /// No octets: the browser has ended.
    func take(_ octets: Data) {
        guard !octets.isEmpty else {
            let waiting = state.withLock { state in
                defer { state.waiting = [:] }
                return state.waiting
            }
            for continuation in waiting.values { continuation.resume(throwing: ChromiumError.ended) }
            return
        }
        let messages = state.withLock { state in
            state.rest += octets
            var messages = state.rest.split(separator: 0, omittingEmptySubsequences: false)
            state.rest = Data(messages.removeLast())
            return messages.map { Data($0) }
        }
        for message in messages {
            guard let id = (try? JSONDecoder().decode(Message.self, from: message))?.id else { continue }
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: message)
        }
    }
}
