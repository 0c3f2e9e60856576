import AsyncHTTPClient
import Foundation
import Synchronization

/// A server that runs beside the tests, for as long as this value lives.
///
/// Whatever it prints, on either stream, goes to one file: nothing is lost when a test fails or stalls, and
/// a server never waits for a reader.
package final class ServerProcess: Sendable {
    package let program: String
    package let logFile: URL
    private let process: Process
    private let input = Pipe()
    private let reading = Mutex(LogReading())

    /// Starts `program` (an absolute path) with the environment of the tests, cleared of Symbolon's own
    /// settings, and `environment` on top.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: URL, logFile: URL
    ) throws(ServerProcessError) {
        self.program = program
        self.logFile = logFile
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProgramRun.environment(with: environment)
        process.currentDirectoryURL = workingDirectory
        process.terminationHandler = { LeftoverProcesses.remove($0.processIdentifier) }
        do {
            let log = try Self.log(at: logFile)
            // A Process that has ended would keep it open.
            defer { log.closeFile() }
            process.standardInput = input
            process.standardOutput = log
            process.standardError = log
            try withoutBlockedSignals { try process.run() }
        } catch {
            throw .notStarted(program, "\(error)")
        }
        LeftoverProcesses.add(process.processIdentifier)
        if !process.isRunning { LeftoverProcesses.remove(process.processIdentifier) }
    }

    deinit {
        send(SIGKILL)
        if process.isRunning { process.waitUntilExit() }
        // A Process that has ended would keep them open, and with some 1,300 open files Process.run() writes beyond a buffer.
        input.fileHandleForReading.closeFile()
        input.fileHandleForWriting.closeFile()
    }

    package var processIdentifier: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }

    /// Everything printed so far, and what its log's thread writes in a moment: until nothing has come for a while.
    package var log: String {
        get async throws {
            var text = try readLog { $0.text }
            var quiet = 0
            for _ in 0..<60 where isRunning && quiet < 4 {
                try await Task.sleep(for: .milliseconds(50))
                let next = try readLog { $0.text }
                quiet = next == text ? quiet + 1 : 0
                text = next
            }
            return try readLog { $0.text }
        }
    }

    /// The first line for which `matches` holds, or the one so many lines of that kind later; waits for it if it is not
    /// printed yet.
    @discardableResult
    package func waitForLine(
        number: Int = 1, within limit: Duration = .seconds(30), _ matches: @Sendable (String) -> Bool
    ) async throws -> String {
        var seenCount = 0
        var found: [String] = []
        return try await wait(for: "a line", within: limit) {
            let new = try readLog { $0.lines.dropFirst(seenCount) }
            seenCount += new.count
            found += new.filter(matches)
            return found.count < number ? nil : found[number - 1]
        }
    }

    /// Returns when a GET of `url` is answered with 200.
    package func waitForOK(_ url: String, within limit: Duration = .seconds(30)) async throws {
        _ = try await wait(for: "200 from \(url)", within: limit) {
            // A refused connection means that the server does not listen yet.
            let answer = try? await Answer(to: HTTPClientRequest(url: url), within: .milliseconds(500))
            return answer?.status == 200 ? true : nil
        }
    }

    /// Writes a line to its standard input.
    package func write(line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }

    package func send(_ signal: Int32) {
        if process.isRunning { kill(process.processIdentifier, signal) }
    }

    /// Asks the server to end, makes it end after 20 seconds, and returns its exit status (128 + signal).
    @discardableResult
    package func stop() async -> Int32 {
        send(SIGTERM)
        let deadline = ContinuousClock.now + .seconds(20)
        while process.isRunning, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        send(SIGKILL)
        return await exitStatus()
    }

    /// Waits for the server to end by itself.
    package func exitStatus() async -> Int32 {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        let signalled = process.terminationReason == .uncaughtSignal
        return process.terminationStatus + (signalled ? 128 : 0)
    }

    private func wait<Value: Sendable>(
        for what: String, within limit: Duration, _ look: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            let running = isRunning
            if let value = try await look() { return value }
            guard running else {
                throw ServerProcessError.ended(program, status: await exitStatus(), log: try await log)
            }
            guard ContinuousClock.now < deadline else {
                throw ServerProcessError.timedOut(program, waitingFor: what, log: try await log)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func readLog<Value: Sendable>(_ look: (LogReading) -> Value) throws -> Value {
        try reading.withLock { reading in
            try reading.read(on: logFile)
            return look(reading)
        }
    }

    private static func log(at logFile: URL) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: logFile.path(percentEncoded: false)) {
            try Data().write(to: logFile)
        }
        let log = try FileHandle(forWritingTo: logFile)
        try log.seekToEnd()
        return log
    }
}
