internal import Encodings

/// Headers and assertions of token requests.
extension MirrorResponse {
    func checkTokenHeaders(_ check: inout ParameterCheck) {
        for (name, value) in (facts.members(.tokenHeaders) ?? [:]).sorted(by: { $0.key < $1.key }) {
            let expected = filled(value, token: "")
            let found = request.headers[name.lowercased()]
            if found != expected {
                check.reasons.append("the header \(name) is \(found ?? "missing"), and must be \(expected)")
            }
        }
    }

    /// What is wrong with an assertion (RFC 7523 §3). No key is known here, so the signature is not compared.
    func assertionReasons(_ text: String) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[2].isEmpty, let header = Self.object(parts[0]),
            let claims = Self.object(parts[1])
        else { return ["the client must send an assertion"] }
        var reasons: [String] = []
        for name in ["iss", "sub"] where claims[name]?.text != provider.clientID {
            reasons.append("the assertion's \(name) is not the client")
        }
        for name in ["jti", "exp"] where claims[name] == nil {
            reasons.append("the assertion has no \(name)")
        }
        let shown = facts.members(.assertion) ?? [:]
        if let audience = shown["aud"], claims["aud"]?.text != facts.filled(audience) {
            reasons.append(
                "the assertion is for \(claims["aud"]?.text ?? "nobody"), and must be for \(audience)")
        }
        if let algorithm = shown["alg"], header["alg"]?.text != algorithm {
            reasons.append("the assertion is signed with \(header["alg"]?.text ?? "nothing")")
        }
        return reasons
    }

    private static func object(_ part: String) -> [String: JSONValue]? {
        guard let octets = Base64URL.decode(part) else { return nil }
        do throws(JSONSyntaxError) {
            guard case .object(let members) = try JSONValue.parse(octets) else { return nil }
            return members
        } catch {
            return nil
        }
    }
}
