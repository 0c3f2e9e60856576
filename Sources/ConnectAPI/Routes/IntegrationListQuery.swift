internal import Hummingbird
internal import HummingbirdCore
internal import Integrations

/// The filters and the page of `GET /api/v1/integrations`.
struct IntegrationListQuery {
    let search: IntegrationSearch
    let isConnectable: Bool?
    let limit: Int
    let cursor: String?

    init(_ parameters: FlatDictionary<Substring, Substring>) throws(RequestValidationError) {
        var issues: [ValidationIssue] = []
        cursor = parameters["cursor"].map(String.init)
        let categoryText = parameters["category"].map(String.init)
        let category = categoryText.flatMap { IntegrationCategory(rawValue: $0) }
        if categoryText != nil, category == nil {
            issues.append(Self.issue("category", among: IntegrationCategory.allCases.map(\.rawValue)))
        }
        search = IntegrationSearch(parameters["search"].map(String.init) ?? "", category: category)
        let connectableText = parameters["connectable"]
        isConnectable = connectableText.map { $0 == "true" }
        if let connectableText, !["true", "false"].contains(connectableText) {
            issues.append(Self.issue("connectable", among: ["true", "false"]))
        }
        let limit = PageLimit(parameters["limit"])
        if let issue = limit.issue { issues.append(issue) }
        self.limit = limit.value
        guard issues.isEmpty else { throw RequestValidationError(issues) }
    }

    private static func issue(_ name: String, among values: [String]) -> ValidationIssue {
        let names = values.map { "'\($0)'" }
        let known = names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"
        return ValidationIssue(
            loc: [.name("query"), .name(name)], msg: "Input should be \(known)", type: "enum")
    }
}
