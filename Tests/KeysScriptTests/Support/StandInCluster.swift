import Foundation
import TestSupport
import Testing

/// Secrets behind a stand-in for kubectl's transport (`StandIns/kubectl`), which is no Kubernetes: it stores Secrets as files,
/// and refuses a patch whose resourceVersion is not the one that is there, in kubectl's own words.
final class StandInCluster: Sendable {
    static let secret = "symbolon-keys"

    let folder: TemporaryFolder
    /// Where scripts keep what is secret: in memory, where this machine has such a folder.
    let runtime: URL
    let symbolon: String

    init() throws {
        folder = try TemporaryFolder()
        symbolon = try SymbolonBinary.path()
        let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
        let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? memory : folder.url
        runtime = parent.appending(path: "symbolon-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: runtime, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // What cannot be removed is left to the system, which clears this folder.
        try? FileManager.default.removeItem(at: runtime)
    }

    static let standIns = URL(filePath: #filePath).appending(path: "../../StandIns").standardizedFileURL
    static let kubectl = standIns.appending(path: "kubectl").path(percentEncoded: false)

    var environment: [String: String] {
        [
            "SYMBOLON": symbolon, "KUBECTL": Self.kubectl, "KUBECTL_STAND_IN": folder.path,
            "XDG_RUNTIME_DIR": runtime.path(percentEncoded: false),
        ]
    }

    /// Runs `keys/rotate-kubernetes-secret`.
    func rotate(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> ScriptRun {
        try await ScriptRun(
            KeysScript.rotateKubernetesSecret, arguments.isEmpty ? [Self.secret] : arguments,
            environment: self.environment.merging(environment) { $1 }, in: folder)
    }

    /// A Secret with one entry, a new keyring if not `text`.
    func makeSecret(entry: String = "state.keyring", text: String? = nil) async throws {
        if let text {
            try folder.write(text, to: entry)
        } else {
            let generate = try await ScriptRun(
                symbolon, ["keys", "generate", "--keyring", entry], in: folder)
            try #require(generate.status == 0, "\(generate.errors)")
        }
        let create = try await ScriptRun(
            Self.kubectl, ["create", "secret", "generic", Self.secret, "--from-file=\(entry)"],
            environment: environment, in: folder)
        try #require(create.status == 0, "\(create.errors)")
        try FileManager.default.removeItem(at: folder.url.appending(path: entry))
    }

    struct Secret: Decodable, Equatable {
        struct Metadata: Decodable, Equatable {
            let resourceVersion: String
            let labels: [String: String]?
        }

        let metadata: Metadata
        let data: [String: String]
    }

    func secret() throws -> Secret {
        try JSONDecoder().decode(
            Secret.self, from: Data(folder.read("default.\(Self.secret).json").utf8))
    }

    func keyring(_ entry: String = "state.keyring") throws -> KeyringContent {
        try KeyringContent(try #require(Data(base64Encoded: try secret().data[entry] ?? "")))
    }

    struct Patch: Decodable {
        struct Metadata: Decodable { let resourceVersion: String }
        let metadata: Metadata
        let data: [String: String]
    }

    /// The patches that were carried out.
    func patches() throws -> [Patch] {
        guard FileManager.default.fileExists(atPath: folder.url.appending(path: "patches").path) else {
            return []
        }
        return try folder.read("patches").split(separator: "\n").map {
            try JSONDecoder().decode(Patch.self, from: Data($0.utf8))
        }
    }

    /// What a script left behind where it keeps what is secret.
    func leftovers() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: runtime.path(percentEncoded: false))
    }
}

/// A keyring as its file shows it.
struct KeyringContent: Decodable, Equatable {
    struct Key: Decodable, Equatable {
        let id: String
        let material: String
        let activates: String?
        let status: String
    }

    let keys: [Key]

    init(_ data: Data) throws { self = try JSONDecoder().decode(Self.self, from: data) }

    /// Whether any part of the material, that could not be there by chance, is in a text: as it is in the file, or in
    /// the base64 of the file, at each of its three offsets.
    func leak(into text: String) -> Bool {
        keys.contains { key in
            let characters = Array(key.material.utf8)
            return stride(from: 0, to: characters.count - 24, by: 6).contains { start in
                let part = characters[start..<start + 24]
                return text.contains(String(decoding: part, as: UTF8.self))
                    || (0..<3).contains { offset in
                        let base64 = Data(part.dropFirst(offset).prefix(21)).base64EncodedString()
                        return text.contains(base64)
                    }
            }
        }
    }
}
