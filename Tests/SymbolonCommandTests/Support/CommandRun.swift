import Foundation
import TestSupport
import Testing

/// A run of the program, as somebody at a shell would see it.
struct CommandRun {
    let status: Int32
    let output: String
    let errors: String

    /// Runs `symbolon` in `folder` and waits for its end.
    ///
    /// - Parameters:
    ///   - output: where standard output goes, if not here.
    ///   - program: another than `symbolon`, such as one that runs it.
    init(
        _ arguments: [String], input: String = "", environment: [String: String] = [:], output: String? = nil,
        program: String? = nil, in folder: TemporaryFolder
    ) async throws {
        // Files, because a pipe that nobody reads would make the program wait.
        let name = "run-\(UUID().uuidString)"
        let streams = try TemporaryFolder()
        let inputPath = try streams.write(input, to: "\(name).in")
        let outputPath = try output ?? streams.write("", to: "\(name).out")
        let errorsPath = try streams.write("", to: "\(name).err")
        let process = Process()
        process.executableURL = URL(filePath: try program ?? SymbolonBinary.path())
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("SYMBOLON_") }.merging(environment) { $1 }
        process.currentDirectoryURL = folder.url
        let handles = [
            try #require(FileHandle(forReadingAtPath: inputPath)),
            try #require(FileHandle(forWritingAtPath: outputPath)),
            try #require(FileHandle(forWritingAtPath: errorsPath)),
        ]
        (process.standardInput, process.standardOutput, process.standardError) = (
            handles[0], handles[1], handles[2]
        )
        status = try await process.runToEnd(closing: handles)
        self.output = output == nil ? try streams.read("\(name).out") : ""
        errors = try streams.read("\(name).err")
    }

    /// Everything that was said.
    var everything: String { output + errors }

    /// The one JSON document that standard output is.
    var json: [String: Any] {
        get throws {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(object as? [String: Any])
        }
    }
}

extension TemporaryFolder {
    /// Runs `symbolon` in this folder.
    func symbolon(
        _ arguments: String..., input: String = "", environment: [String: String] = [:]
    ) async throws -> CommandRun {
        try await CommandRun(arguments, input: input, environment: environment, in: self)
    }

    var fileNames: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    func path(of name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    func mode(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(of: name))[.posixPermissions] as? Int
    }

    func setMode(_ mode: Int, of name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(of: name))
    }
}
