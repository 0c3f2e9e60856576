import Foundation

/// The two ways a browser sends a form, and the way back.
enum FormEncoding {
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*")

    static func urlEncoded(_ content: [(name: String, value: String)]) -> String {
        content.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }

    static func multipart(_ content: [(name: String, value: String)]) -> (type: String, body: String) {
        let boundary = "symbolon-\(UUID().uuidString)"
        let parts = content.map {
            let name = $0.name.replacing("\"", with: "%22")
            return "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\($0.value)\r\n"
        }
        return ("multipart/form-data; boundary=\(boundary)", parts.joined() + "--\(boundary)--\r\n")
    }

    /// The names and values of a query or of an encoded body; of two with one name, the last.
    static func decoded(_ text: String) -> [String: String] {
        var result: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            result[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
        }
        return result
    }

    /// The parameters of a URL, such as a callback's.
    static func query(of url: String) -> [String: String] {
        let query = url.split(separator: "#", maxSplits: 1)[0].split(separator: "?", maxSplits: 1).dropFirst()
        return query.first.map { decoded(String($0)) } ?? [:]
    }

    private static func encoded(_ text: String) -> String {
        let text = text.addingPercentEncoding(withAllowedCharacters: unreserved.union([" "])) ?? ""
        return text.replacing(" ", with: "+")
    }

    private static func decoded(_ text: Substring) -> String {
        let text = String(text.replacing("+", with: " "))
        return text.removingPercentEncoding ?? text
    }
}
