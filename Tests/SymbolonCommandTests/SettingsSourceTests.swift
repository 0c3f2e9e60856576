import Foundation
import TestSupport
import Testing

@testable import SymbolonCommands

/// Where settings come from, and what counts as having one.
@Suite("Settings sources") struct SettingsSourceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func reader(_ file: String, environment: [String: String] = [:]) throws -> SettingsReader {
        try folder.write(file, to: "symbolon.yaml")
        return SettingsReader(
            try SettingsSources(flags: [:], file: folder.path(of: "symbolon.yaml"), environment: environment))
    }

    private static let secretName = "integrations-github-client_secret"

    /// A Kubernetes Secret as it is mounted: each file is a link into `..data`, which is one itself.
    private func mountSecret(_ files: [String: String]) throws {
        let manager = FileManager.default
        let dated = folder.path(of: "sec/..2026_01_01")
        try manager.createDirectory(atPath: dated, withIntermediateDirectories: true)
        try manager.createSymbolicLink(
            atPath: folder.path(of: "sec/..data"), withDestinationPath: "..2026_01_01")
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(filePath: "\(dated)/\(name)"))
            try manager.createSymbolicLink(
                atPath: folder.path(of: "sec/\(name)"), withDestinationPath: "..data/\(name)")
        }
    }

    private var directory: String { "secrets_directory: \(folder.path(of: "sec"))" }

    @Test func `a Kubernetes Secret is read through its links`() async throws {
        try mountSecret([Self.secretName: "the-secret\n", "integrations-github-client_id": "from-the-secret"])
        try folder.write(
            "secrets_directory: sec\nintegrations: {github: {client_id: a}}\n", to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.contains("integrations.github.client_secret") && run.output.contains("(secret)"))
        var reader = try reader(directory)
        let secret = reader.text(Setting("integrations", "github", "client_secret", isSecret: true))
        let id = reader.text(Setting("integrations", "github", "client_id"))
        #expect(secret == "the-secret" && id == "from-the-secret")
    }

    @Test func `a byte order mark is part of no setting`() async throws {
        try mountSecret([Self.secretName: "\u{FEFF}the-secret\r\n"])
        var reader = try reader("\u{FEFF}\(directory)\r\nlog: {level: debug}\r\n")
        let secret = reader.text(Setting("integrations", "github", "client_secret", isSecret: true))
        #expect(secret == "the-secret" && reader.text(Setting("log", "level")) == "debug")
    }

    @Test(arguments: ["a\u{0}b", "a\u{1B}b", "\u{7F}"])
    func `a secret with a control character is a mistake`(_ secret: String) async throws {
        try mountSecret([Self.secretName: secret, "integrations-github-client_id": "a"])
        try folder.write("secrets_directory: sec\n", to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 3)
        #expect(run.errors.contains("integrations.github.client_secret contains a control character"))
    }

    @Test(arguments: [("nowhere", "there is no such folder"), ("symbolon.yaml", "it is not a folder")])
    func `a folder that cannot be read says why`(_ path: String, _ reason: String) async throws {
        try folder.write("secrets_directory: \(path)\n", to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 3 && run.errors.contains(reason), "\(run.errors)")
    }

    @Test(arguments: ["SYMBOLON_API_KEY", "SYMBOLON_URL"])
    func `what clients read is no mistake`(_ variable: String) async throws {
        let run = try await folder.symbolon("config", "check", environment: [variable: "x"])
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test(arguments: [
        "SYMBOLON_API_KEYS", "SYMBOLON_URLS", "SYMBOLON_PUBLICURL", "SYMBOLON_", "SYMBOLON_API",
    ])
    func `a variable that nobody reads is a mistake`(_ variable: String) async throws {
        let run = try await folder.symbolon("config", "check", environment: [variable: "x"])
        #expect(run.status == 3 && run.errors.contains("unknown setting \(variable)"), "\(run.everything)")
    }

    @Test(arguments: [
        "integrations-github-client-secret", "client_secret", "secrets_directory", "README", "a",
    ])
    func `a file that is no setting is a mistake, like a key that is none`(_ name: String) async throws {
        try mountSecret([Self.secretName: "s", name: "x"])
        try folder.write("secrets_directory: sec\n", to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 3)
        #expect(run.errors.contains("unknown setting `\(name)`"), "\(run.errors)")
        #expect(run.errors.contains(Self.secretName), "and how files are named")
    }

    @Test func `a link that leads nowhere and a folder are mistakes`() async throws {
        for name in ["integrations-github-client_id", Self.secretName] {
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder.path(of: "sec"), withIntermediateDirectories: true)
            if name == Self.secretName {
                try FileManager.default.createDirectory(
                    atPath: folder.path(of: "sec/\(name)"), withIntermediateDirectories: true)
            } else {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.path(of: "sec/\(name)"), withDestinationPath: "..data/nothing")
            }
            try folder.write("secrets_directory: sec\n", to: "symbolon.yaml")
            let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
            #expect(run.status == 3)
            #expect(run.errors.contains("sec/\(name) cannot be read"), "\(run.errors)")
        }
    }

    @Test(arguments: ["hush\n", "hush\r\n", "hush\n\n", "hush"])
    func `a line break at the end of a secret is not part of it`(_ text: String) throws {
        let secret = Setting("integrations", "github", "client_secret", isSecret: true)
        let file = Setting("integrations", "github", "client_secret_file")
        var fromVariable = try reader("", environment: ["SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_SECRET": text])
        var fromFile = try reader("integrations: {github: {client_secret: \(text.debugDescription)}}")
        try folder.write(text, to: "secret")
        var named = try reader("integrations: {github: {client_secret_file: \(folder.path(of: "secret"))}}")
        let found = [
            fromVariable.secret(secret, orFileAt: file), fromFile.secret(secret, orFileAt: file),
            named.secret(secret, orFileAt: file),
        ]
        #expect(found == ["hush", "hush", "hush"])
    }

    @Test(arguments: ["", "\n", "\r\n"]) func `an empty variable does not hide the file's value`(
        _ empty: String
    ) throws {
        var reader = try reader(
            "public_url: https://a.example\nlisten: {port: 9}\nproviders: {allow_private_addresses: true}\ncatalog: [a]",
            environment: [
                "SYMBOLON_PUBLIC_URL": empty, "SYMBOLON_LISTEN_PORT": empty, "SYMBOLON_CATALOG": empty,
                "SYMBOLON_PROVIDERS_ALLOW_PRIVATE_ADDRESSES": empty, "SYMBOLON_SECRETS_DIRECTORY": empty,
            ])
        let (url, port) = (reader.text(.publicURL), reader.number(.port, in: 1...10, default: 1))
        let (flag, list) = (reader.flag(.allowsPrivateAddresses, default: false), reader.list(.catalog))
        #expect(url == "https://a.example" && port == 9)
        #expect(flag && list == ["a"])
        #expect(reader.mistakes.isEmpty)
    }

    @Test func `flags go before variables, these before the directory, and that before the file`() throws {
        try mountSecret(["listen-host": "from-directory", "listen-port": "3", "log-level": "info"])
        try folder.write(
            "\(directory)\nlisten: {host: from-file, port: 4}\nlog: {level: debug}\nstore: none",
            to: "symbolon.yaml")
        var reader = SettingsReader(
            try SettingsSources(
                flags: [.port: "1"], file: folder.path(of: "symbolon.yaml"),
                environment: ["SYMBOLON_LISTEN_PORT": "2", "SYMBOLON_LISTEN_HOST": "from-variable"]))
        let (port, host) = (reader.number(.port, in: 0...9, default: 0), reader.text(.host))
        let (level, store) = (reader.text(.logLevel), reader.text(.store))
        #expect(port == 1 && host == "from-variable")
        #expect(level == "info" && store == "none")
    }

    @Test(arguments: [
        ("listen: {port: [1]}", "listen.port"), ("listen: {port: {a: 1}}", "listen.port"),
        ("catalog: one.yaml", "catalog"), ("catalog: [{a: 1}]", "catalog"), ("public_url: [a]", "public_url"),
        ("providers: {allow_private_addresses: perhaps}", "providers.allow_private_addresses"),
        ("listen.port: 9", "listen.port"), ("listen: 9", "listen"),
    ]) func `a value of another kind is a mistake, named by its setting`(_ text: String, _ name: String)
        async throws
    {
        try folder.write(text, to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 3)
        #expect(run.errors.contains(name), "\(run.errors)")
    }

    @Test(arguments: ["public_url:", "public_url: ~", "# nothing", ""])
    func `a name without a value is as good as none`(_ text: String) async throws {
        try folder.write(text, to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("development mode"))
    }
}
