internal import Connections
internal import Encodings
internal import Hummingbird
internal import HummingbirdCore

/// The filter and the page of `GET /api/v1/revocations/{id}/grants`.
struct GrantListQuery {
    private static let cursorVersion: UInt8 = 1

    let progress: GrantProgress?
    /// The connection that the page begins after.
    let last: String?
    let limit: Int

    init(_ parameters: FlatDictionary<Substring, Substring>) throws(RequestValidationError) {
        var issues: [ValidationIssue] = []
        let text = parameters["outcome"].map(String.init)
        progress = text.flatMap { GrantProgress($0) }
        if text != nil, progress == nil {
            let names = GrantProgress.all.map { "'\($0.name)'" }
            let known = names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"
            issues.append(
                ValidationIssue(
                    loc: [.name("query"), .name("outcome")], msg: "Input should be \(known)", type: "enum"))
        }
        let limit = PageLimit(parameters["limit"])
        if let issue = limit.issue { issues.append(issue) }
        self.limit = limit.value
        guard issues.isEmpty else { throw RequestValidationError(issues) }
        if let cursor = parameters["cursor"] {
            guard let last = Self.connectionID(in: String(cursor)) else { throw .badCursor }
            self.last = last
        } else {
            last = nil
        }
    }

    /// A version octet and the id: a row's id may be any text, so that the id alone could not be told from another cursor.
    static func cursor(after connectionID: String) -> String {
        let octets = [cursorVersion] + Array(connectionID.utf8)
        return Base64URL.encode(octets.span)
    }

    private static func connectionID(in cursor: String) -> String? {
        guard let octets = Base64URL.decode(cursor), octets.first == cursorVersion else { return nil }
        let text = String(validating: octets.dropFirst(), as: UTF8.self)
        return text.flatMap { $0.isStorable ? $0 : nil }
    }
}
