internal import Access
internal import Encodings
internal import FoundationEssentials
internal import Integrations
internal import StateTokens

/// Why a file of workspaces was not read.
package enum WorkspaceFileError: Error, Equatable, CustomStringConvertible {
    case inaccessible(path: String)
    /// `field` is where, `reason` what is wrong and what to do.
    case invalid(path: String, field: String, reason: String)
    /// Keys that nothing reads: a sentence for each.
    case unknownKeys([String])

    package var description: String {
        switch self {
        case .inaccessible(let path): "\(path) cannot be read"
        case .invalid(let path, let field, let reason): "\(path): \(field) \(reason)"
        case .unknownKeys(let mistakes): mistakes.joined(separator: "\n")
        }
    }
}

/// The YAML file that lists workspaces: `workspaces: {ID: {redirect_uris: [URI, …], confirm: required, …}}`.
package enum WorkspaceFile {
    /// - Parameters:
    ///   - reads: is told of each further file that is read.
    ///   - readsSecret: is told of those with secrets.
    package static func load(
        _ path: String, reads: @escaping (String) -> Void = { _ in },
        readsSecret: @escaping (String) -> Void = { _ in }
    ) throws(WorkspaceFileError) -> WorkspaceDirectory {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw .inaccessible(path: path)
        }
        return try parse(
            text, path: path,
            readLogo: { logo in
                reads(logo)
                return contentsOfLogo(logo)
            },
            readSecret: { secret in
                reads(secret)
                readsSecret(secret)
                return contentsOfSecret(secret)
            })
    }

    /// - Parameters:
    ///   - readLogo: the octets of the file at a path, if there is one that is not too large for a logo.
    ///   - readSecret: the text of the file at a path, if there is one that can be read.
    package static func parse(
        _ text: String, path: String, readLogo: (String) -> [UInt8]? = contentsOfLogo,
        readSecret: @escaping (String) -> String? = contentsOfSecret
    ) throws(WorkspaceFileError) -> WorkspaceDirectory {
        let root: YAMLNode
        do throws(YAMLMistake) {
            root = try YAMLNode.parse(text, file: path)
        } catch {
            throw .invalid(path: path, field: "the text", reason: "cannot be read: \(error)")
        }
        let reader = WorkspaceReader(path: path, readSecret: readSecret)
        try reader.check(root, keys: ["workspaces"])
        guard let entries = root["workspaces"]?.members else { throw reader.badForm(root) }
        var workspaces: [Workspace] = []
        for (id, entry) in entries.sorted(by: { $0.key < $1.key }) {
            workspaces.append(try reader.workspace(id, entry, readLogo: readLogo))
        }
        guard !workspaces.isEmpty else {
            throw .invalid(path: path, field: "workspaces", reason: "must list at least one workspace")
        }
        return WorkspaceDirectory(workspaces)
    }

    package static func contentsOfSecret(_ path: String) -> String? {
        WorkspaceReader.contentsOfSecret(path)
    }

    package static func contentsOfLogo(_ path: String) -> [UInt8]? {
        do throws(BoundedFile.Failure) {
            return try BoundedFile(path, upTo: Logo.maximumByteCount).octets
        } catch {
            return nil
        }
    }
}

/// Reads the entries of one file. A message names a line and a field, and repeats no value.
struct WorkspaceReader {
    let path: String
    let readSecret: (String) -> String?

    func workspace(
        _ id: String, _ entry: YAMLNode, readLogo: (String) -> [UInt8]?
    ) throws(WorkspaceFileError) -> Workspace {
        let name = id.shownAsName == id ? id : "(line \(entry.origin.line))"
        let field = "workspaces.\(name)"
        guard !id.isEmpty, id.utf8.count <= 128, id.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .invalid(path: path, field: field, reason: "must be 1 to 128 visible characters")
        }
        guard entry.members != nil else { throw badForm(entry) }
        try check(
            entry,
            keys: [
                "redirect_uris", "confirm", "integrations", "only", "origins", "sessions_not_before", "label",
                "logo", "colors", "webhooks",
            ])
        guard case .sequence(let elements) = entry["redirect_uris"]?.content else { throw badForm(entry) }
        var uris: [RedirectURI] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.text else { throw badForm(element) }
            do throws(RedirectURIError) {
                uris.append(try RedirectURI(text))
            } catch {
                throw .invalid(path: path, field: "\(field).redirect_uris[\(index)]", reason: "\(error)")
            }
        }
        return Workspace(
            id: id, redirectURIs: RedirectURIAllowlist(uris),
            confirmation: try confirmation(entry["confirm"], field),
            integrations: try integrations(entry["integrations"], field),
            only: try only(entry["only"], field),
            origins: try origins(entry["origins"], field),
            sessionsNotBefore: try time(entry["sessions_not_before"], "\(field).sessions_not_before"),
            branding: try branding(entry, field, readLogo: readLogo),
            webhooks: try webhooks(entry["webhooks"], field))
    }

    /// A value left empty asks for something, too.
    private func confirmation(
        _ node: YAMLNode?, _ field: String
    ) throws(WorkspaceFileError) -> ConfirmationMode? {
        guard let node else { return nil }
        guard let confirmation = node.text.flatMap(ConfirmationMode.init) else {
            throw .invalid(
                path: path, field: "\(field).confirm", reason: "must be `required` or `screen`, or left out")
        }
        return confirmation
    }

    private func integrations(
        _ node: YAMLNode?, _ field: String
    ) throws(WorkspaceFileError) -> [String: WorkspaceIntegration] {
        guard let node else { return [:] }
        guard let entries = node.members else { throw badForm(node) }
        var integrations: [String: WorkspaceIntegration] = [:]
        for (id, entry) in entries {
            guard entry.members != nil else { throw badForm(entry) }
            try check(entry, keys: ["confirm"] + Self.clientKeys)
            let field = "\(field).integrations.\(id.shownAsName)"
            integrations[id] = WorkspaceIntegration(
                confirmation: try confirmation(entry["confirm"], field), client: try client(entry, field))
        }
        return integrations
    }

    /// A key that nothing reads may have asked for more safety than there is.
    func check(_ node: YAMLNode, keys: [String]) throws(WorkspaceFileError) {
        let unknown = (node.members ?? []).filter { !keys.contains($0.key) }
        guard !unknown.isEmpty else { return }
        throw .unknownKeys(
            unknown.map { key, value in
                let advice =
                    LikelyName.of(key, among: keys).map { "did you mean `\($0)`?" }
                    ?? "there are: \(keys.joined(separator: ", "))"
                return "\(path):\(value.origin.line): unknown key `\(key.shownAsName)`; \(advice)"
            })
    }

    func badForm(_ node: YAMLNode) -> WorkspaceFileError {
        .invalid(
            path: path, field: "the text",
            reason: "must be YAML of the form `workspaces: {ID: {redirect_uris: [https://…]}}` "
                + "(line \(node.origin.line))")
    }
}
