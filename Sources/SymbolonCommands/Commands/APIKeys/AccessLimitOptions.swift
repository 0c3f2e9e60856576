import Access
import ArgumentParser
import Connections

/// What a new key is limited to.
struct AccessLimitOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: .init("The integrations that it is limited to (default: all).", valueName: "id"))
    var integrations: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: .init(
            "The connections that it is limited to; it can only begin renewals of these (default: all).",
            valueName: "id"))
    var connections: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: .init(
            "The users that it is limited to; with exactly one, its flows belong to that user (default: all).",
            valueName: "id"))
    var users: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: .init(
            "The scopes that its flows may request and its access tokens may have (default: any).",
            valueName: "scope"))
    var scopes: [String] = []

    var limits: AccessLimits {
        AccessLimits(
            integrationIDs: integrations, connectionIDs: connections, userIDs: users, scopes: scopes)
    }

    func validate() throws {
        let limits = limits
        for limit in AccessLimits.Limit.allCases {
            guard limits[limit].count <= AccessLimits.mostNames else {
                throw ValidationError("--\(limit.rawValue) takes at most \(AccessLimits.mostNames).")
            }
            guard limits[limit].allSatisfy(limit.takes) else {
                throw ValidationError("--\(limit.rawValue) \(limit.rule).")
            }
        }
        for id in connections where ConnectionID(id) == nil {
            throw ValidationError("--connections takes ids of connections: conn_…")
        }
    }
}
