internal import Integrations
internal import StateTokens

/// Reads the fields that belong to the access token which was found.
struct AnswerReader {
    let answer: JSONValue
    /// Which of the access token's paths led to it, and how many there were. A field with as many paths is
    /// read at the same place, so that one token never gets the lifetime of another.
    let index: Int
    let count: Int

    private func value(_ paths: [ResponsePath]) -> JSONValue? {
        count > 1 && paths.count == count ? answer[paths[index]] : answer[paths]
    }

    func text(_ paths: [ResponsePath]) -> String? {
        guard case .string(let text) = value(paths), !text.isEmpty else { return nil }
        return text
    }

    /// Numbers come as strings too, and with decimals; zero and less mean that no lifetime is given.
    func seconds(_ paths: [ResponsePath]) -> Int64? {
        guard let text = value(paths)?.text else { return nil }
        let number = Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded(.down)) }
        guard let number, number > 0 else { return nil }
        // A hundred years: what is longer overflows somebody's clock.
        return min(number, 3_153_600_000)
    }

    func lifetime(_ rules: ResponseRules) -> TokenResponse.Lifetime {
        if let seconds = seconds(rules.expiresIn) { return .seconds(.seconds(seconds)) }
        if let text = value(rules.expiresAt)?.text {
            if let seconds = Int64(text), seconds > 0 {
                return .until(Timestamp(secondsSinceEpoch: min(seconds, 253_402_300_799)))
            }
            if let instant = Timestamp(providerTime: text) { return .until(instant) }
        }
        return rules.assumedLifetime.map { .seconds($0) } ?? .unlimited
    }

    /// Nil where the answer is silent. A scope holds no space (RFC 6749 §3.3), so a space parts two in any
    /// answer.
    func scopes(_ paths: [ResponsePath], separator: String) -> [String]? {
        switch value(paths) {
        case .array(let elements): elements.compactMap(\.text)
        case .string(let text):
            text.split { $0 == " " || separator.contains($0) }.map(String.init)
        case .null, .boolean, .number, .object, nil: nil
        }
    }
}
