internal import Access
internal import ConnectService
internal import FoundationEssentials
internal import Keyrings
internal import StateTokens

/// `.symbolon/`: what development mode makes for itself at its first start and finds again at the next.
struct DevelopmentFolder {
    static let name = ".symbolon"
    static let workspaceID = "wsp_development"

    /// The key, for the person who started the server.
    let apiKey: String
    let apiKeys: [APIKey]
    let stateKeyring: Keyring
    let connectionsKeyring: Keyring
    /// Where these are, for what changes while the server runs.
    let sources: Deployment.Sources
    let storePath: String

    /// Opens the folder in `directory`, making what is missing.
    init(in directory: String) throws {
        let folder = "\(directory)/\(Self.name)"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let reason =
                FileKind(at: folder) == .other ? "a file is in its place" : "this user may not write here"
            throw ConfigurationError(["the folder \(folder) cannot be made: \(reason)"])
        }
        stateKeyring = try Self.keyring(.state, in: folder)
        connectionsKeyring = try Self.keyring(.connections, in: folder)
        (apiKey, apiKeys) = try Self.apiKey(in: folder)
        sources = Deployment.Sources(
            stateKeyring: .path(Self.path(.state, in: folder)),
            connectionsKeyring: .path(Self.path(.connections, in: folder)),
            apiKeys: Self.apiKeysPath(in: folder))
        storePath = "\(folder)/symbolon.sqlite"
    }

    private static func path(_ purpose: Keyring.Purpose, in folder: String) -> String {
        "\(folder)/\(KeyringFile.name(for: purpose))"
    }

    private static func apiKeysPath(in folder: String) -> String { "\(folder)/api-keys.json" }

    private static func keyring(_ purpose: Keyring.Purpose, in folder: String) throws -> Keyring {
        let path = path(purpose, in: folder)
        do throws(KeyringFileError) {
            return try KeyringFile.load(path, purpose: purpose)
        } catch .notFound {
            let keyring = try Keyring.make(purpose: purpose)
            try KeyringFile.create(keyring, at: path)
            return keyring
        } catch {
            throw error
        }
    }

    private static func apiKey(in folder: String) throws -> (text: String, keys: [APIKey]) {
        let textPath = "\(folder)/api-key"
        let filePath = apiKeysPath(in: folder)
        if FileManager.default.fileExists(atPath: textPath) {
            let text = try TextFile.read(textPath)
            return (String(text.filter { !$0.isWhitespace }), try APIKeyFile.load(filePath))
        }
        let made = try APIKey.make(
            label: "development", workspaceIDs: [workspaceID], permissions: Set(Permission.allCases),
            expiresAt: nil, at: .now())
        try write(try APIKeyFile.json([made.key]), to: filePath)
        try write(Array("\(made.text)\n".utf8), to: textPath)
        return (made.text, [made.key])
    }

    private static func write(_ octets: [UInt8], to path: String) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(octets), attributes: [.posixPermissions: 0o600])
        else { throw ConfigurationError(["\(path) cannot be written"]) }
    }
}
