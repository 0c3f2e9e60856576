import Foundation
import TestSupport

/// A program that is run to its end.
enum Tool {
    enum NotFound: Error { case notInstalled(String) }

    struct Result {
        let status: Int32
        /// Both streams.
        let output: String
    }

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        in folder: TemporaryFolder? = nil
    ) async throws -> Result {
        let folder = try folder ?? TemporaryFolder()
        let run = try await ProgramRun(
            path(of: program), arguments, environment: ProgramRun.environment(with: environment),
            in: folder.url)
        return Result(status: run.status, output: run.everything)
    }

    /// Where a program of Debian's lies, whether or not the shell of whoever runs the tests looks there.
    static func path(of program: String) throws(NotFound) -> String {
        if program.hasPrefix("/") { return program }
        let found = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { throw .notInstalled(program) }
        return found
    }
}
