import ConnectAPI
import Encodings
import StateTokens

extension StateInspection {
    /// The report for programs.
    var json: [UInt8] {
        JSONOutput.object(capacity: 1024) { members in
            members.member("verdict", verdict.rawValue)
            members.member("explanation", explanation)
            members.member("characters", characterCount)
            members.member("octets", optional: sealed?.byteCount)
            members.member("record_octets", optional: sealed?.recordByteCount)
            members.member("flow_id", sealed?.flowID.description)
            members.member("key_id", sealed?.keyID.description)
            members.member("key_state", keyState?.rawValue)
            members.member("tag_holds", optional: tagHolds)
            if let session { members.object("session") { session.write(to: &$0) } }
            guard let contents else { return members.null("state") }
            members.object("state") { contents.state.write(to: &$0) }
        }
    }
}

extension JSONOutput.Members {
    fileprivate mutating func member(_ name: String, optional value: Int?) {
        if let value { member(name, value) } else { null(name) }
    }

    fileprivate mutating func member(_ name: String, optional value: Bool?) {
        if let value { member(name, value) } else { null(name) }
    }
}
