package import Connections
package import Encodings
internal import StateTokens

extension Revocation {
    /// As the API and the command show it.
    package func write(to answer: inout JSONOutput.Members) {
        answer.member("id", id.description)
        answer.member("status", isFinished ? "finished" : "running")
        answer.object("counts") { counts.write(to: &$0) }
        answer.member("workspace", filter.workspaceID)
        answer.member("integration", filter.integrationID)
        answer.member("user_id", filter.userID)
        answer.member("since", filter.since?.rfc3339)
        answer.member("dry_run", isDryRun)
        answer.member("created_at", createdAt.rfc3339)
        answer.member("finished_at", finishedAt?.rfc3339)
    }
}

extension RevocationCounts {
    package func write(to counts: inout JSONOutput.Members) {
        counts.member("revoked", revoked)
        counts.member("refused", refused)
        counts.member("not_possible", notPossible)
        counts.member("unknown", unknown)
        counts.member("left", left)
    }
}

extension RevocationEntry {
    /// A line of a report, and an entry of a list.
    package func write(to grant: inout JSONOutput.Members) {
        grant.member("connection_id", connectionID)
        grant.member("workspace", workspaceID)
        grant.member("integration", integrationID)
        grant.member("outcome", outcome?.rawValue)
        grant.member("reason", reason)
        grant.member("at", concludedAt?.rfc3339)
    }
}
