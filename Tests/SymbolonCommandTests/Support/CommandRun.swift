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
        let run = try await ProgramRun(
            program ?? SymbolonBinary.path(), arguments, input: input,
            environment: ProgramRun.environment(with: environment), output: output, in: folder.url)
        (status, self.output, errors) = (run.status, run.output, run.errors)
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
