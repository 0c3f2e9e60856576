internal import Encodings

/// The words of the connect page in one language: a JSON file of `Resources` that a translator can edit.
package struct ConnectLanguage: Sendable {
    /// As HTML names it (BCP 47): `en`.
    package let code: String
    /// By their names in the file.
    let texts: [String: String]

    private init(_ code: String, _ file: EmbeddedFile) throws(PageError) {
        let members: JSONValue
        do throws(JSONSyntaxError) {
            members = try JSONValue.parse(Array(file.text.utf8))
        } catch {
            throw .template(name: file.name, reason: "is no JSON from octet \(error.offset) on")
        }
        guard case .object(let members) = members else {
            throw .template(name: file.name, reason: "is no JSON object")
        }
        self.code = code
        var texts: [String: String] = [:]
        for (name, value) in members { texts[name] = value.text }
        self.texts = texts
    }

    /// The same as one JSON object.
    var json: String {
        String(
            decoding: JSONOutput.object(capacity: 8192) { answer in
                for (name, text) in texts.sorted(by: { $0.key < $1.key }) { answer.member(name, text) }
            }, as: UTF8.self)
    }

    /// English first: it stands in for every other language.
    static func all() throws(PageError) -> [ConnectLanguage] {
        [
            try ConnectLanguage("en", .connect_en_json), try ConnectLanguage("de", .connect_de_json),
            try ConnectLanguage("es", .connect_es_json), try ConnectLanguage("fr", .connect_fr_json),
            try ConnectLanguage("ja", .connect_ja_json),
        ]
    }
}

/// What a reader understands, as `Accept-Language` says it (RFC 9110 §12.5.4).
struct LanguagePreference {
    /// Primary subtags in lower case, the best first.
    let codes: [String]

    /// - Parameter chosen: what the reader asked for by hand, which comes before the browser's settings.
    init(chosen: String?, acceptLanguage: String?) {
        let ranges = (acceptLanguage ?? "").split(separator: ",").prefix(20)
        let weighted = ranges.enumerated().compactMap {
            place, range -> (code: String, weight: Double, place: Int)? in
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let tag = parts.first else { return nil }
            let weight = parts.dropFirst().first.flatMap {
                $0.hasPrefix("q=") ? Double($0.dropFirst(2)) : nil
            }
            guard weight ?? 1 > 0 else { return nil }
            return (Self.primary(tag), weight ?? 1, place)
        }
        let accepted = weighted.sorted { ($1.weight, $0.place) < ($0.weight, $1.place) }.map(\.code)
        codes = (chosen.map { [Self.primary($0)] } ?? []) + accepted
    }

    /// `de` of `de-AT`.
    private static func primary(_ tag: String) -> String {
        String(tag.prefix { $0 != "-" && $0 != "_" }).lowercased()
    }
}
