internal import Access
internal import ConnectService
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging

/// `/api/v1/log-levels`: from which level on each part of the replica that responds logs. For `operate`.
struct LogLevelRoutes: Sendable {
    private let levels: LogLevels
    private let replica: String
    private let authenticator: Authenticator
    private let logger: Logger

    init(_ levels: LogLevels, replica: String, authenticator: Authenticator) {
        self.levels = levels
        self.replica = replica
        self.authenticator = authenticator
        logger = Logger(label: LogLevels.Part.service.label)
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try await authenticator.authenticate(request, .operate, context)
        return response
    }

    func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let principal = try await authenticator.authenticate(request, .operate, context)
        let body = try await request.octets(upTo: BodyLimit.initiate)
        let changes = try LogLevelForm.parse(body.span, contentType: request.headers[.contentType])
        levels.change(changes)
        let changed = changes.keys.map { "\($0.rawValue)=\(levels.level(of: $0))" }.sorted()
        logger.notice(
            "log levels changed",
            metadata: [
                "levels": "\(changed.joined(separator: ","))", "credential_id": "\(principal.credentialID)",
            ])
        return response
    }

    private var response: Response {
        .json { answer in
            answer.member("replica", replica)
            answer.member("configured", levels.configured.rawValue)
            answer.object("levels") { parts in
                for part in LogLevels.Part.allCases {
                    parts.member(part.rawValue, levels.level(of: part).rawValue)
                }
            }
        }
    }
}

/// The body of `PATCH /api/v1/log-levels`, while it is read: a part's new level, or null for the configured one. A part that
/// is not known is a fault, since nothing would be logged for it.
struct LogLevelForm: RequestForm {
    private var fields: [(part: LogLevels.Part, field: FormField<String>)] = []
    private var unknown = UnknownMembers()

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        for part in LogLevels.Part.allCases where name.matches(part.rawValue, in: text) {
            fields.append((part, try reader.readStringField(in: text)))
            return
        }
        try unknown.skip(name, with: &reader, in: text)
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [LogLevels.Part: Logger.Level?]? {
        var changes: [LogLevels.Part: Logger.Level?] = [:]
        for (part, field) in fields {
            if case .null = field {
                changes.updateValue(nil, forKey: part)
                continue
            }
            guard let text = issues.required(field, part.rawValue) else { continue }
            if let level = Logger.Level(rawValue: text) {
                changes.updateValue(level, forKey: part)
            } else {
                let known = Logger.Level.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
                issues.add("Input should be one of \(known)", "enum", at: [.name(part.rawValue)])
            }
        }
        unknown.report(to: &issues)
        return changes
    }
}
