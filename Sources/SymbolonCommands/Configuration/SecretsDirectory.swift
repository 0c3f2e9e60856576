internal import FoundationEssentials
internal import Integrations

/// A directory with a file for each setting, such as `integrations-github-client_secret`.
///
/// A Kubernetes Secret mounted as a volume is such a directory: its files are links into `..data`.
struct SecretsDirectory: Sendable {
    let path: String
    private let values: [String: String]

    init(_ path: String) throws(ConfigurationError) {
        self.path = path
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw ConfigurationError([
                "\(Setting.secretsDirectory.name): the directory \(path) \(TextFile.folderReason(path))"
            ])
        }
        var values: [String: String] = [:]
        // Kubernetes keeps `..data` and a dated folder beside the links; no setting begins with a dot.
        for name in names.sorted() where !name.hasPrefix(".") {
            do throws(ConfigurationError) {
                values[name] = try TextFile.read("\(path)/\(name)")
            } catch {
                throw ConfigurationError(error.mistakes.map { "\(Setting.secretsDirectory.name): \($0)" })
            }
        }
        self.values = values
    }

    /// The names of its files.
    var names: some Sequence<String> { values.keys }

    var paths: [String] { values.keys.sorted().map { "\(path)/\($0)" } }

    func value(of setting: Setting) -> SettingValue? {
        guard let text = values[Self.fileName(setting)]?.trimmingWhiteSpace, !text.isEmpty else { return nil }
        return SettingValue(String(text), kind: setting.kind)
    }

    static func fileName(_ setting: Setting) -> String { setting.path.joined(separator: "-") }

    /// The files that stand for no setting.
    func unknownNames(_ known: [Setting]) -> [String] {
        let names = Set(known.filter { $0 != .secretsDirectory }.map(Self.fileName))
        return values.keys.filter { !names.contains($0) }.sorted()
    }
}
