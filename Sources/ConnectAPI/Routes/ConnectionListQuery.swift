internal import Connections
internal import Hummingbird
internal import HummingbirdCore

/// The filters and the page of `GET /api/v1/connections`.
struct ConnectionListQuery {
    private let integrationID: String?
    private let status: ConnectionStatus?
    private let userID: String?
    private let limit: Int
    private let cursor: String?

    init(_ parameters: FlatDictionary<Substring, Substring>) throws(RequestValidationError) {
        var issues: [ValidationIssue] = []
        integrationID = parameters["integration"].map(String.init)
        userID = parameters["user_id"].map(String.init)
        cursor = parameters["cursor"].map(String.init)
        let statusText = parameters["status"].map(String.init)
        status = statusText.flatMap { ConnectionStatus(rawValue: $0) }
        if statusText != nil, status == nil {
            let names = ConnectionStatus.allCases.map { "'\($0.rawValue)'" }
            let known = names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"
            issues.append(Self.issue("status", "Input should be \(known)", "enum"))
        }
        let limit = PageLimit(parameters["limit"])
        if let issue = limit.issue { issues.append(issue) }
        self.limit = limit.value
        guard issues.isEmpty else { throw RequestValidationError(issues) }
    }

    func query(in workspaceID: String) -> ConnectionQuery {
        ConnectionQuery(
            workspaceID: workspaceID, integrationID: integrationID, status: status, userID: userID,
            limit: limit,
            cursor: cursor)
    }

    private static func issue(_ name: String, _ msg: String, _ type: String) -> ValidationIssue {
        ValidationIssue(loc: [.name("query"), .name(name)], msg: msg, type: type)
    }
}
