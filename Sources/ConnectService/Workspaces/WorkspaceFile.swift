internal import FoundationEssentials
internal import Yams

/// Why a file of workspaces was not read.
package enum WorkspaceFileError: Error, Equatable, CustomStringConvertible {
    case inaccessible(path: String)
    /// `field` is where, `reason` what is wrong and what to do.
    case invalid(path: String, field: String, reason: String)

    package var description: String {
        switch self {
        case .inaccessible(let path): "\(path) cannot be read"
        case .invalid(let path, let field, let reason): "\(path): \(field) \(reason)"
        }
    }
}

/// The YAML file that lists workspaces: `workspaces: {ID: {redirect_uris: [URI, …], confirm: required}}`.
package enum WorkspaceFile {
    package static func load(_ path: String) throws(WorkspaceFileError) -> WorkspaceDirectory {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw .inaccessible(path: path)
        }
        return try parse(text, path: path)
    }

    package static func parse(_ text: String, path: String) throws(WorkspaceFileError) -> WorkspaceDirectory {
        let content: Content
        do {
            content = try YAMLDecoder().decode(Content.self, from: text)
        } catch {
            throw .invalid(
                path: path, field: "the text",
                reason: "must be YAML of the form `workspaces: {ID: {redirect_uris: [https://…]}}`")
        }
        var workspaces: [Workspace] = []
        for (id, entry) in content.workspaces.sorted(by: { $0.key < $1.key }) {
            guard !id.isEmpty, id.utf8.count <= 128, id.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw .invalid(
                    path: path, field: "workspaces.\(id)", reason: "must be 1 to 128 visible characters")
            }
            var uris: [RedirectURI] = []
            for (index, uri) in entry.redirect_uris.enumerated() {
                do {
                    uris.append(try RedirectURI(uri))
                } catch {
                    throw .invalid(
                        path: path, field: "workspaces.\(id).redirect_uris[\(index)]", reason: "\(error)")
                }
            }
            guard entry.confirm == nil || entry.confirm == "required" else {
                throw .invalid(
                    path: path, field: "workspaces.\(id).confirm", reason: "must be `required`, or left out")
            }
            workspaces.append(
                Workspace(
                    id: id, redirectURIs: RedirectURIAllowlist(uris),
                    requiresConfirmation: entry.confirm != nil))
        }
        guard !workspaces.isEmpty else {
            throw .invalid(path: path, field: "workspaces", reason: "must list at least one workspace")
        }
        return WorkspaceDirectory(workspaces)
    }
}

/// The shape of the YAML; its names are the file's.
private struct Content: Decodable {
    struct Entry: Decodable {
        let redirect_uris: [String]
        let confirm: String?

        private enum CodingKeys: String, CodingKey { case redirect_uris, confirm }

        init(from decoder: any Decoder) throws {
            try decoder.refuseKeys(but: [CodingKeys.redirect_uris, .confirm])
            let container = try decoder.container(keyedBy: CodingKeys.self)
            redirect_uris = try container.decode([String].self, forKey: .redirect_uris)
            // A value left empty asks for something, too.
            confirm =
                container.contains(.confirm)
                ? try container.decodeIfPresent(String.self, forKey: .confirm) ?? "" : nil
        }
    }

    let workspaces: [String: Entry]

    private enum CodingKeys: String, CodingKey { case workspaces }

    init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(but: [CodingKeys.workspaces])
        workspaces = try decoder.container(keyedBy: CodingKeys.self)
            .decode([String: Entry].self, forKey: .workspaces)
    }
}

extension Decoder {
    /// A key that nobody heeds may have asked for more safety than there is.
    fileprivate func refuseKeys(but known: [some CodingKey]) throws {
        for key in try container(keyedBy: AnyKey.self).allKeys
        where !known.contains(where: { $0.stringValue == key.stringValue }) {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: codingPath + [key], debugDescription: "is not known"))
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
