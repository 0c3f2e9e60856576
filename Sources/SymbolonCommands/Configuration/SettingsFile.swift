internal import FoundationEssentials
internal import Integrations

/// The configuration file, read once and within bounds.
///
/// What is wrong is said by line and column, without the text: on a line that YAML rejects there may be a secret.
struct SettingsFile: Sendable {
    let path: String
    let root: YAMLNode

    init(_ path: String) throws(ConfigurationError) { try self.init(path, text: TextFile.read(path)) }

    init(_ path: String, text: String) throws(ConfigurationError) {
        self.path = path
        do throws(YAMLMistake) {
            root = try YAMLNode.parse(text, file: path)
        } catch {
            throw ConfigurationError(["\(path):\(error.line):\(error.column): \(error.problem)"])
        }
        guard root.isNull || root.members != nil else {
            throw ConfigurationError(["\(path):1: must be a mapping of settings to values"])
        }
    }

    /// What the file has for a setting; a name without a value is as good as none.
    func value(of setting: Setting) -> SettingValue? {
        guard let node = node(at: setting.path), !node.isNull else { return nil }
        switch node.content {
        case .scalar(let text, _): return .text(text)
        case .sequence(let elements):
            let texts = elements.compactMap(\.text)
            return texts.count == elements.count ? .list(texts) : .other
        case .mapping, .null: return .other
        }
    }

    /// What is left are settings, or ought to be.
    private var withoutCatalogEntries: YAMLNode {
        guard let integrations = root["integrations"]?.members, let members = root.members else {
            return root
        }
        let keys = Integration.entryKeys.subtracting(IntegrationSetting.allCases.map(\.rawValue))
        let settings = integrations.compactMap { id, node -> (key: String, value: YAMLNode)? in
            let rest = node.without(keys)
            // Nothing is left of an entry that has no settings.
            return rest.members?.isEmpty == true && node.members?.isEmpty == false ? nil : (id, rest)
        }
        let changed = members.map { member -> (key: String, value: YAMLNode) in
            guard member.key == "integrations" else { return member }
            return (member.key, YAMLNode(content: .mapping(settings), origin: member.value.origin))
        }
        return YAMLNode(content: .mapping(changed), origin: root.origin)
    }

    func node(at path: [String]) -> YAMLNode? {
        var node = root
        for step in path {
            guard let next = node[step] else { return nil }
            node = next
        }
        return node
    }

    /// Catalog entries in this file: new integrations, and changes to existing ones.
    var catalogEntries: YAMLNode? {
        guard let list = root["integrations"], let integrations = list.members else { return nil }
        let keys = Integration.entryKeys.subtracting(IntegrationSetting.allCases.map(\.rawValue))
        let entries = integrations.compactMap { id, node -> (key: String, value: YAMLNode)? in
            var own = node.members?.filter { keys.contains($0.key) } ?? []
            guard !own.isEmpty else { return nil }
            // Endpoints beside such keys are settings, so the entry itself has none.
            let endpoints = [IntegrationSetting.issuer, .authorizationEndpoint, .tokenEndpoint]
            if endpoints.contains(where: { node[$0.rawValue] != nil }), node["configured_endpoints"] == nil {
                let flag = YAMLNode(content: .scalar("true", isPlain: true), origin: node.origin)
                own.append(("configured_endpoints", flag))
            }
            return (id, YAMLNode(content: .mapping(own), origin: node.origin))
        }
        return entries.isEmpty ? nil : YAMLNode(content: .mapping(entries), origin: list.origin)
    }

    /// The names that are no settings, each with its line.
    func unknownNames(_ known: Set<[String]>) -> [(path: [String], line: Int)] {
        var found: [(path: [String], line: Int)] = []
        func look(_ node: YAMLNode, _ path: [String]) {
            if let members = node.members, !members.isEmpty {
                for (key, value) in members { look(value, path + [key]) }
            } else if !path.isEmpty, !known.contains(path) {
                found.append((path, node.origin.line))
            }
        }
        look(withoutCatalogEntries, [])
        return found
    }
}

/// A text file that an operator names.
enum TextFile {
    private static let byteCountLimit = 1 << 20

    /// - Throws: what keeps it from being read, with its path.
    static func read(_ path: String) throws(ConfigurationError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ConfigurationError(["\(path) \(reason(path))"])
        }
        guard data.count <= byteCountLimit else { throw ConfigurationError(["\(path) is larger than 1 MiB"]) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ConfigurationError(["\(path) is not text in UTF-8"])
        }
        // Editors on Windows begin a file with a byte order mark, which is no part of a secret.
        return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// The path itself, or, if it is a folder, those of its files with one of these endings, in the order of their names.
    ///
    /// - Throws: for a folder without such a file, which would go unnoticed.
    static func paths(_ path: String, endings: [String]) throws(ConfigurationError) -> [String] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory else {
            return [path]
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw ConfigurationError(["the folder \(path) \(folderReason(path))"])
        }
        // Names that begin with a dot are editors' and Kubernetes' own.
        let found = names.filter { name in
            !name.hasPrefix(".") && endings.contains { name.hasSuffix($0) }
        }
        guard !found.isEmpty else {
            throw ConfigurationError([
                "the folder \(path) has no file that ends in \(endings.joined(separator: " or "))"
            ])
        }
        return found.sorted().map { "\(path.hasSuffix("/") ? String(path.dropLast()) : path)/\($0)" }
    }

    /// Why a file could not be read, in words that go after its path.
    static func reason(_ path: String) -> String {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return "cannot be read: there is no such file"
        }
        if isDirectory { return "cannot be read: it is a folder" }
        return FileManager.default.isReadableFile(atPath: path)
            ? "cannot be read: it is not a regular file, or the disk failed"
            : "cannot be read: this user may not open it"
    }

    /// Why a folder could not be read, in words that go after its path.
    static func folderReason(_ path: String) -> String {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return "cannot be read: there is no such folder"
        }
        return isDirectory
            ? "cannot be read: this user may not open it" : "cannot be read: it is not a folder"
    }
}
