internal import Encodings
internal import Integrations

/// Reads the fields that belong to the access token that was found.
struct TokenResponseReader {
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

    /// A refresh token, which may be written as a number: left out, the connection would end with its access token.
    func refreshToken(_ paths: [ResponsePath]) -> String? {
        if case .number(let text) = value(paths) { text } else { text(paths) }
    }

    func lifetime(_ rules: ResponseRules) -> StatedLifetime {
        StatedLifetime(
            expiresIn: named(rules.expiresIn), expiresAt: named(rules.expiresAt),
            assumed: rules.assumedLifetime)
    }

    /// As providers name it, else as draft-ietf-oauth-refresh-token-expiration does.
    func refreshTokenLifetime(_ rules: ResponseRules, assumed: Duration?) -> StatedLifetime {
        let own = named(rules.refreshTokenExpiresIn)
        return StatedLifetime(
            expiresIn: own.value == nil ? standard("refresh_token_timeout") : own, expiresAt: ("", nil),
            assumed: assumed)
    }

    var authorizationLifetime: StatedLifetime {
        StatedLifetime(
            expiresIn: standard("authorization_expires_in"), expiresAt: ("", nil), assumed: nil)
    }

    private func standard(_ name: String) -> (name: String, value: JSONValue?) {
        (name, answer[ResponsePath(name: name)])
    }

    private func named(_ paths: [ResponsePath]) -> (name: String, value: JSONValue?) {
        (paths.first?.description ?? "", value(paths))
    }

    /// `nil` where the response names no scope. A scope holds no space (RFC 6749 §3.3), so white space always
    /// separates two.
    func scopes(_ paths: [ResponsePath], separator: String) -> [String]? {
        switch value(paths) {
        case .array(let elements): elements.compactMap(\.text)
        case .string(let text):
            // Nearly every character is beyond the space, which is found out faster than what Unicode says of it.
            text.split { ($0.asciiValue ?? .max) <= 0x20 && $0.isWhitespace || separator.contains($0) }
                .map(String.init)
        case .null, .boolean, .number, .object, nil: nil
        }
    }
}
