import Foundation

/// A run of a program from its start to its end.
package struct ProgramRun: Sendable {
    /// Its exit status, or 128 and the signal that ended it, as a shell says it.
    package let status: Int32
    package let output: String
    package let errors: String

    /// Runs `program` (an absolute path) in `folder` and waits for its end.
    ///
    /// - Parameters:
    ///   - environment: the whole of it.
    ///   - output: the path of the file that standard output goes to, if not here.
    package init(
        _ program: String, _ arguments: [String] = [], input: String = "",
        environment: [String: String] = ProgramRun.environment(with: [:]), output: String? = nil,
        in folder: URL
    ) async throws {
        // Files, because a pipe that nobody reads would make the program wait.
        let streams = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        let handles = [
            try FileHandle(forReadingFrom: URL(filePath: try streams.write(input, to: "input"))),
            try FileHandle(forWritingTo: URL(filePath: try output ?? streams.write("", to: "output"))),
            try FileHandle(forWritingTo: URL(filePath: try streams.write("", to: "errors"))),
        ]
        // A Process that has ended keeps them open, and with 1,360 open files `run()` reads beyond its buffer.
        defer { handles.forEach { $0.closeFile() } }
        (process.standardInput, process.standardOutput, process.standardError) = (
            handles[0], handles[1], handles[2]
        )
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = {
                LeftoverProcesses.remove($0.processIdentifier)
                ended.resume()
            }
            do {
                try withoutBlockedSignals { try process.run() }
                LeftoverProcesses.add(process.processIdentifier)
                if !process.isRunning { LeftoverProcesses.remove(process.processIdentifier) }
            } catch {
                ended.resume(throwing: error)
            }
        }
        status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        self.output = output == nil ? try streams.read("output") : ""
        errors = try streams.read("errors")
    }

    /// Everything that was said.
    package var everything: String { output + errors }

    /// The environment of the tests, cleared of Symbolon's own settings, and `extra` on top.
    package static func environment(with extra: [String: String]) -> [String: String] {
        ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("SYMBOLON_") }
            .merging(extra) { $1 }
    }
}

/// Threads of the test runner block signals, and a new process would inherit that: it could not be asked
/// to end, nor to read its keys again.
func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
}
