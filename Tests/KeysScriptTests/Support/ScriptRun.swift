import Foundation
import TestSupport
import Testing

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
        let streams = try TemporaryFolder()
        let outputPath = try streams.write("", to: "output")
        let errorsPath = try streams.write("", to: "errors")
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
            .merging(environment) { $1 }
        process.currentDirectoryURL = folder.url
        process.standardInput = FileHandle.nullDevice
        let handles = [
            try #require(FileHandle(forWritingAtPath: outputPath)),
            try #require(FileHandle(forWritingAtPath: errorsPath)),
        ]
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        status = try await process.runToEnd(closing: handles)
        output = try streams.read("output")
        errors = try streams.read("errors")
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
