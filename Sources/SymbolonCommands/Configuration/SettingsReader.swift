internal import Integrations

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
    /// The files from which secrets were read.
    private(set) var secretFiles: [String] = []

    init(_ sources: SettingsSources) { self.sources = sources }

    mutating func text(_ setting: Setting, default fallback: String? = nil) -> String? {
        guard let (value, source) = find(setting) else {
            if let fallback { note(setting, fallback, "default") }
            return fallback
        }
        guard let text = value.text else {
            mismatch(setting, source)
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
        guard let (value, source) = find(setting) else { return nil }
        guard let number = value.text.flatMap({ Int($0) }), range.contains(number) else {
            mistakes.append(
                "\(setting.name) (from \(source)) must be an integer from \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        note(setting, String(number), source)
        return number
    }

    mutating func flag(_ setting: Setting, default fallback: Bool) -> Bool {
        guard find(setting) != nil else {
            note(setting, String(fallback), "default")
            return fallback
        }
        return optionalFlag(setting) ?? fallback
    }

    mutating func optionalFlag(_ setting: Setting) -> Bool? {
        guard let (value, source) = find(setting) else { return nil }
        guard let flag = value.flag else {
            mismatch(setting, source)
            return nil
        }
        note(setting, String(flag), source)
        return flag
    }

    mutating func list(_ setting: Setting) -> [String]? {
        guard let (value, source) = find(setting) else { return nil }
        guard let list = value.list else {
            mismatch(setting, source)
            return nil
        }
        note(setting, list.joined(separator: ", "), source)
        return list
    }

    /// A secret from the setting itself or from the file that another one names, without the line break that
    /// an editor, a shell or a Kubernetes Secret leaves at its end.
    mutating func secret(_ setting: Setting, orFileAt fileSetting: Setting) -> String? {
        let secret = unchecked(setting, orFileAt: fileSetting)
        let isText = { (scalar: Unicode.Scalar) in
            scalar.value >= 0x20 && scalar.value != 0x7F || "\t\n\r".unicodeScalars.contains(scalar)
        }
        guard let secret, !secret.unicodeScalars.allSatisfy(isText) else { return secret }
        mistakes.append("\(setting.name) contains a control character: write it again as plain text")
        return nil
    }

    private mutating func unchecked(_ setting: Setting, orFileAt fileSetting: Setting) -> String? {
        let direct = text(setting).map { String($0.withoutFinalLineBreaks) }
        guard let (value, source) = find(fileSetting) else { return direct }
        guard let path = value.text else {
            mismatch(fileSetting, source)
            return direct
        }
        guard direct == nil else {
            mistakes.append("\(setting.name) and \(fileSetting.name) are both set; leave one out")
            return direct
        }
        do throws(ConfigurationError) {
            let content = try TextFile.read(path)
            note(fileSetting, path, source)
            secretFiles.append(path)
            return String(content.trimmingWhiteSpace)
        } catch {
            // An operator may have put the secret itself here, and no form tells it from a path.
            mistakes.append("\(fileSetting.name) (from \(source)): the file \(TextFile.reason(path))")
            return nil
        }
    }

    /// The content of the file that a setting names; of one that cannot be read the path is not repeated, since it may be
    /// the secret itself.
    mutating func content(ofFileAt setting: Setting) -> String? {
        guard let (value, source) = find(setting) else { return nil }
        guard let path = value.text else {
            mismatch(setting, source)
            return nil
        }
        do throws(ConfigurationError) {
            let content = try TextFile.read(path)
            note(setting, path, source)
            return content
        } catch {
            mistakes.append("\(setting.name) (from \(source)): the file \(TextFile.reason(path))")
            return nil
        }
    }

    mutating func report(_ mistake: String) { mistakes.append(mistake) }

    /// The value in the first source that has one, and that source.
    private func find(_ setting: Setting) -> (SettingValue, String)? {
        for source in sources.sources {
            if let value = source.value(setting) { return (value, source.name) }
        }
        return nil
    }

    private mutating func mismatch(_ setting: Setting, _ source: String) {
        mistakes.append("\(setting.name) (from \(source)) must be \(setting.kind.words)")
    }

    private mutating func note(_ setting: Setting, _ value: String, _ source: String) {
        let name = source == "environment" ? setting.environmentVariable : source
        findings.append(
            Finding(setting: setting, shown: setting.shown(value), source: name))
    }
}
