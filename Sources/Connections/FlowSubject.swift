import Encodings

/// A claimed flow that may fail, for the message about it.
package struct FlowSubject: Sendable, Hashable {
    package let workspaceID: String
    package let integrationID: String
    package let userID: String?
    package let label: String?
    package let tags: [String: String]

    package init(
        workspaceID: String, integrationID: String, userID: String?, label: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.workspaceID = workspaceID
        self.integrationID = integrationID
        self.userID = userID
        self.label = label
        self.tags = tags
    }
}

// MARK: In a claim's row

extension FlowSubject {
    private static let tagPrefix = "tag:"

    /// One map of texts, in JSON.
    var stored: String {
        let octets = JSONOutput.object(capacity: 256) { members in
            members.member("workspace_id", workspaceID)
            members.member("integration_id", integrationID)
            if let userID { members.member("user_id", userID) }
            if let label { members.member("label", label) }
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
                members.member(Self.tagPrefix + name, value)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// `nil` for a text that no store of ours wrote: then no one is told.
    init?(stored text: String) {
        guard let members = StoredJSON.readableDictionary(Array(text.utf8)),
            let workspaceID = members["workspace_id"], let integrationID = members["integration_id"]
        else { return nil }
        var tags: [String: String] = [:]
        for (name, value) in members where name.hasPrefix(Self.tagPrefix) {
            tags[String(name.dropFirst(Self.tagPrefix.count))] = value
        }
        self.init(
            workspaceID: workspaceID, integrationID: integrationID, userID: members["user_id"],
            label: members["label"], tags: tags)
    }
}
