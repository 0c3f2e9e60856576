internal import Encodings

/// The names of all members in an API key file, to reject those that nothing reads.
struct APIKeyFileOutline: Decodable {
    private struct Names: Decodable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    private let names: [String]
    private let entries: [[String]]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        names = container.allKeys.map(\.stringValue)
        entries = try container.decode([Names].self, forKey: Name(stringValue: "keys")).map(\.names)
    }

    /// A member that nothing reads may have asked for more safety than there is: a misspelled limit, or one of a newer
    /// release.
    func check(_ path: String) throws(APIKeyFileError) {
        try Self.check(names, known: ["keys"], path, "the text")
        for (index, names) in entries.enumerated() {
            try Self.check(names, known: APIKeyFile.fields, path, "keys[\(index)]")
        }
    }

    private static func check(
        _ names: [String], known: [String], _ path: String, _ field: String
    ) throws(APIKeyFileError) {
        let isKnown = Set(known)
        guard let unknown = names.sorted().first(where: { !isKnown.contains($0) }) else { return }
        if let likely = LikelyName.of(unknown, among: known) {
            throw .invalid(
                path: path, field: field, reason: "has the name `\(unknown)`; did you mean `\(likely)`?")
        }
        // It may be a secret in the wrong place.
        throw .invalid(
            path: path, field: field,
            reason: "has a name that this release does not know; there are: \(known.joined(separator: ", "))")
    }
}
