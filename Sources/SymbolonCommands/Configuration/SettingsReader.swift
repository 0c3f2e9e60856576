internal import Configuration
internal import FoundationEssentials

/// Reads settings, and remembers where each came from.
struct SettingsReader {
    /// A setting as it is in force.
    struct Finding {
        let setting: Setting
        /// For people; secrets are masked.
        let shown: String
        let source: String
    }

    private let sources: SettingsSources
    private(set) var findings: [Finding] = []
    private(set) var mistakes: [String] = []

    init(_ sources: SettingsSources) { self.sources = sources }

    mutating func text(_ setting: Setting, default fallback: String? = nil) -> String? {
        guard let (content, source) = find(setting, as: .string), case .string(let text) = content else {
            if let fallback { note(setting, fallback, "default") }
            return fallback
        }
        note(setting, text, source)
        return text
    }

    mutating func number(_ setting: Setting, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        let mistakesBefore = mistakes.count
        if let value = optionalNumber(setting, in: range) { return value }
        if mistakes.count == mistakesBefore { note(setting, String(fallback), "default") }
        return fallback
    }

    mutating func optionalNumber(_ setting: Setting, in range: ClosedRange<Int>) -> Int? {
        // A flag's value is a text.
        guard let (content, source) = find(setting, as: .int, .string) else { return nil }
        let value: Int? =
            switch content {
            case .int(let value): value
            case .string(let text): Int(text)
            default: nil
            }
        guard let value, range.contains(value) else {
            mistakes.append(
                "\(setting.name) (from \(source)) must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        note(setting, String(value), source)
        return value
    }

    mutating func flag(_ setting: Setting, default fallback: Bool) -> Bool {
        guard let (content, source) = find(setting, as: .bool), case .bool(let value) = content else {
            note(setting, String(fallback), "default")
            return fallback
        }
        note(setting, String(value), source)
        return value
    }

    mutating func list(_ setting: Setting) -> [String]? {
        guard let (content, source) = find(setting, as: .stringArray), case .stringArray(let list) = content
        else {
            return nil
        }
        note(setting, list.joined(separator: ", "), source)
        return list
    }

    /// A secret from the setting itself or from the file that another one names.
    mutating func secret(_ setting: Setting, orFileAt fileSetting: Setting) -> String? {
        let direct = text(setting)
        guard let path = text(fileSetting) else { return direct }
        guard direct == nil else {
            mistakes.append("\(setting.name) and \(fileSetting.name) are both set; leave one out")
            return direct
        }
        do {
            let content = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            return String(content.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        } catch {
            mistakes.append("\(fileSetting.name): \(path) cannot be read")
            return nil
        }
    }

    mutating func report(_ mistake: String) { mistakes.append(mistake) }

    /// The value in the first source that has one, read as the first of `types` that it can be.
    private mutating func find(_ setting: Setting, as types: ConfigType...) -> (ConfigContent, String)? {
        for source in sources.sources {
            var failure: ConfigurationError?
            for type in types {
                do throws(ConfigurationError) {
                    if let content = try source.value(of: setting, as: type) { return (content, source.name) }
                } catch {
                    failure = error
                }
            }
            if let failure {
                mistakes += failure.mistakes
                return nil
            }
        }
        return nil
    }

    private mutating func note(_ setting: Setting, _ value: String, _ source: String) {
        let name = source == "environment" ? setting.environmentVariable : source
        findings.append(
            Finding(setting: setting, shown: setting.shown(value), source: name))
    }
}
