internal import Encodings

/// The words of the pages for end users in one language: a JSON file of `Resources` that a translator can edit.
package struct ConnectLanguage: Sendable {
    /// As HTML names it (BCP 47): `en`.
    package let code: String
    /// Its place among all.
    package let index: Int
    /// By their names in the file.
    let texts: [String: String]
    /// Those of the connect page.
    let connectTexts: [String: String]
    private let flowTexts: [FlowText: String]

    private init(_ code: String, _ index: Int, _ file: EmbeddedFile) throws(PageError) {
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
        self.index = index
        var texts: [String: String] = [:]
        for (name, value) in members { texts[name] = value.text }
        self.texts = texts
        connectTexts = texts.filter { !$0.key.hasPrefix(FlowText.prefix) }
        var flowTexts: [FlowText: String] = [:]
        for text in FlowText.allCases {
            guard let words = texts[text.rawValue] else {
                throw .template(name: file.name, reason: "has no \(text.rawValue)")
            }
            flowTexts[text] = words
        }
        self.flowTexts = flowTexts
    }

    package subscript(text: FlowText) -> String { flowTexts[text] ?? "" }

    /// The connect page's words as one JSON object.
    var json: String {
        String(
            decoding: JSONOutput.object(capacity: 8192) { answer in
                for (name, text) in connectTexts.sorted(by: { $0.key < $1.key }) { answer.member(name, text) }
            }, as: UTF8.self)
    }

    /// English first: it stands in for every other language.
    static func all() throws(PageError) -> [ConnectLanguage] {
        [
            try ConnectLanguage("en", 0, .connect_en_json), try ConnectLanguage("de", 1, .connect_de_json),
            try ConnectLanguage("es", 2, .connect_es_json), try ConnectLanguage("fr", 3, .connect_fr_json),
            try ConnectLanguage("ja", 4, .connect_ja_json),
        ]
    }
}
