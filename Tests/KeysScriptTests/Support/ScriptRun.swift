import Foundation
import TestSupport

/// A run of a script, as cron or somebody at a shell would see it.
struct ScriptRun {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program in `folder` and waits for its end.
    ///
    /// - Parameter environment: all of it but `PATH`, as cron gives little more.
    init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        in folder: TemporaryFolder
    ) async throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let run = try await ProgramRun(
            program, arguments, environment: ["PATH": path].merging(environment) { $1 }, in: folder.url)
        (status, output, errors) = (run.status, run.output, run.errors)
    }

    /// Everything that was said.
    var everything: String { output + errors }

    /// Whether it said one line and no more.
    var hasOneLineOfErrors: Bool { errors.hasSuffix("\n") && errors.filter { $0 == "\n" }.count == 1 }
}

/// The scripts in the top level's `keys`.
enum KeysScript {
    static let rotate = path("rotate")
    static let rotateKubernetesSecret = path("rotate-kubernetes-secret")
    static let runbook = path("README.md")
    static let folder = path("")

    private static func path(_ name: String) -> String {
        URL(filePath: #filePath).appending(path: "../../../../keys/\(name)").standardizedFileURL
            .path(percentEncoded: false)
    }
}
