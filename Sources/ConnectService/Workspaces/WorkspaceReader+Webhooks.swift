internal import Connections
internal import FoundationEssentials
internal import Integrations

/// What a workspace's entry says about webhooks: `webhooks: [{url, secret_file, events}]`.
extension WorkspaceReader {
    func webhooks(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> [WebhookEndpoint] {
        guard let node else { return [] }
        guard case .sequence(let elements) = node.content, elements.count <= 10 else {
            throw .invalid(
                path: path, field: "\(field).webhooks",
                reason: "must be a list of at most 10 such as [{url: https://…, secret_file: FILE}]")
        }
        var endpoints: [WebhookEndpoint] = []
        for (index, element) in elements.enumerated() {
            let endpoint = try webhook(element, "\(field).webhooks[\(index)]")
            guard !endpoints.contains(where: { $0.url == endpoint.url }) else {
                throw .invalid(
                    path: path, field: "\(field).webhooks[\(index)].url", reason: "is listed twice")
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private func webhook(_ node: YAMLNode, _ field: String) throws(WorkspaceFileError) -> WebhookEndpoint {
        guard node.members != nil else {
            throw .invalid(
                path: path, field: field, reason: "must have the form {url: https://…, secret_file: FILE}")
        }
        try check(node, keys: ["url", "secret_file", "events"])
        guard let url = node["url"]?.text, isEndpoint(url) else {
            throw .invalid(
                path: path, field: "\(field).url",
                reason:
                    "must be an https URL without user name or password (http for 127.0.0.1 and [::1] only)")
        }
        guard let name = node["secret_file"]?.text, !name.isEmpty else {
            throw .invalid(path: path, field: "\(field).secret_file", reason: "must name a file")
        }
        let file =
            name.hasPrefix("/")
            ? name : URL(filePath: path).deletingLastPathComponent().appending(path: name).path
        do {
            _ = try WebhookEndpoints.read(file)
        } catch {
            throw .invalid(
                path: path, field: "\(field).secret_file",
                reason:
                    "must name a readable file with one secret, or two during a rotation: "
                    + "each a line of `whsec_` and the base64 of 24 to 64 bytes")
        }
        return WebhookEndpoint(
            url: url, secretFile: file, types: try types(node["events"], "\(field).events"))
    }

    private func isEndpoint(_ url: String) -> Bool {
        do throws(ProviderURLError) {
            _ = try ProviderURL(url, allowsInsecureLoopback: true)
            return true
        } catch {
            return false
        }
    }

    /// All, where none are named.
    private func types(_ node: YAMLNode?, _ field: String) throws(WorkspaceFileError) -> Set<WebhookType> {
        guard let node else { return Set(WebhookType.allCases) }
        var types: Set<WebhookType> = []
        guard case .sequence(let elements) = node.content, !elements.isEmpty else { throw badTypes(field) }
        for element in elements {
            guard let type = element.text.flatMap({ WebhookType(rawValue: $0) }) else {
                throw badTypes(field)
            }
            types.insert(type)
        }
        return types
    }

    private func badTypes(_ field: String) -> WorkspaceFileError {
        .invalid(
            path: path, field: field,
            reason: "must be a list of: \(WebhookType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
}
