/// What an update changes; `nil` leaves a field as it is.
package struct ConnectionChanges: Sendable, Hashable {
    package struct Status: Sendable, Hashable {
        package let status: ConnectionStatus
        package let reason: String?

        package init(_ status: ConnectionStatus, reason: String? = nil) {
            self.status = status
            self.reason = reason
        }
    }

    package let label: String?
    package let status: Status?
    package let account: ProviderAccount?
    /// All of the configuration, in place of what there is.
    package let config: [String: String]?
    /// All of the tags, in place of those that there are.
    package let tags: [String: String]?
    /// The new user; no flow has shown that it is theirs.
    package let userID: String?

    package init(
        label: String? = nil, status: Status? = nil, account: ProviderAccount? = nil,
        config: [String: String]? = nil, tags: [String: String]? = nil, userID: String? = nil
    ) {
        self.label = label
        self.status = status
        self.account = account
        self.config = config
        self.tags = tags
        self.userID = userID
    }
}
