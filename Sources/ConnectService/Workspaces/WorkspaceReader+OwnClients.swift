internal import Access
internal import Integrations

/// What a workspace's entry says about clients of its own. Messages repeat no value: each could be a secret.
extension WorkspaceReader {
    /// The keys that make a client; without `client_id` there is none.
    static let clientKeys = [
        "client_id", "client_secret_file", "key_id", "key_issuer", "scopes", "params", "host",
    ]

    /// The largest file that is read as a secret, in octets.
    private static let maximumSecretByteCount = 64 * 1024

    func only(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> Set<String>? {
        guard let node else { return nil }
        let field = "\(field).only"
        guard let ids = texts(node), !ids.isEmpty else {
            throw .invalid(
                path: path, field: field,
                reason: "must be a list of one integration or more, such as [gmail, slack], or left out")
        }
        return Set(ids)
    }

    func client(_ entry: YAMLNode, _ field: String) throws(WorkspaceFileError) -> OwnClient? {
        guard Self.clientKeys.contains(where: { entry[$0] != nil }) else { return nil }
        guard let clientID = try name(entry["client_id"], "\(field).client_id") else {
            throw .invalid(
                path: path, field: "\(field).client_id",
                reason: "is missing, and the other settings of a client need it")
        }
        return OwnClient(
            clientID: clientID, clientSecret: try secret(entry["client_secret_file"], field),
            keyID: try name(entry["key_id"], "\(field).key_id"),
            keyIssuer: try name(entry["key_issuer"], "\(field).key_issuer"),
            scopes: try scopes(entry["scopes"], field), parameters: try parameters(entry["params"], field),
            host: try name(entry["host"], "\(field).host"))
    }

    private func name(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> String? {
        guard let node else { return nil }
        guard let text = node.text, (1...1024).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        else {
            throw .invalid(
                path: path, field: field,
                reason: "must be 1 to 1,024 characters of ASCII; put digits in quotation marks")
        }
        return text
    }

    private func secret(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> ClientSecret? {
        guard let node else { return nil }
        guard let text = node.text.flatMap({ readSecret(absolute($0)) }), !text.isEmpty else {
            throw .invalid(
                path: path, field: "\(field).client_secret_file",
                reason: "must name a readable file with the secret")
        }
        return ClientSecret(text)
    }

    private func scopes(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> [String]? {
        guard let node else { return nil }
        guard let scopes = texts(node), scopes.allSatisfy(ScopeText.isValid) else {
            throw .invalid(
                path: path, field: "\(field).scopes", reason: "must be a list of scopes without white space")
        }
        return scopes
    }

    private func parameters(
        _ node: YAMLNode?, _ field: String
    ) throws(WorkspaceFileError) -> [String: ClientSecret] {
        guard let node else { return [:] }
        var parameters: [String: ClientSecret] = [:]
        guard let members = node.members else {
            throw .invalid(
                path: path, field: "\(field).params", reason: "must have the form {NAME: 'value'}")
        }
        for (name, value) in members {
            guard let text = value.text, !text.isEmpty else {
                throw .invalid(
                    path: path, field: "\(field).params.\(name.shownAsName)",
                    reason: "must be text; put digits in quotation marks")
            }
            parameters[name] = ClientSecret(text)
        }
        return parameters
    }

    private func texts(_ node: YAMLNode) -> [String]? {
        guard case .sequence(let elements) = node.content else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count && texts.allSatisfy { !$0.isEmpty } ? texts : nil
    }

    /// The secret that a file holds, without the white space that an editor leaves around it.
    static func contentsOfSecret(_ path: String) -> String? {
        do throws(BoundedFile.Failure) {
            let octets = try BoundedFile(path, upTo: maximumSecretByteCount).octets
            func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || (0x09...0x0d).contains(octet) }
            let start = octets.firstIndex { !isSpace($0) } ?? octets.endIndex
            let end = octets.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
            return String(validating: octets[start..<end], as: UTF8.self)
        } catch {
            return nil
        }
    }
}
