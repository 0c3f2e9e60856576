import ConnectAPI
import Connections
import Cryptography
import Encodings
import StateTokens

/// What became of each grant of a revocation: a JSON line for each, and a last line about those before it.
struct RevocationReport {
    private static let batch = 1_000

    private(set) var octets: [UInt8] = []
    /// SHA-256 of all lines but the last, in hexadecimal digits.
    let digest: String

    init(_ revocation: Revocation, in store: some ConnectionStore) async throws(StoreError) {
        var lines: [UInt8] = []
        var last: String?
        while true {
            let grants = try await store.grants(of: revocation.id, after: last, limit: Self.batch)
            for grant in grants {
                JSONOutput.appendObject(to: &lines) { grant.write(to: &$0) }
                lines.append(UInt8(ascii: "\n"))
            }
            guard grants.count == Self.batch, let next = grants.last?.connectionID else { break }
            last = next
        }
        let hash = SHA256.digest(lines.span)
        digest = Hexadecimal.encode(hash.span)
        octets = lines + Self.json(revocation, digest: digest) + [UInt8(ascii: "\n")]
    }

    static func json(_ revocation: Revocation, digest: String?) -> [UInt8] {
        JSONOutput.object { answer in
            revocation.write(to: &answer)
            answer.member("sha256", digest)
        }
    }

    static func text(
        _ revocation: Revocation, digest: String?, colours: Bool = Terminal.hasColours()
    ) -> String {
        let counts = revocation.counts
        var fields = FieldList()
        fields.add("revocation", StyledText(revocation.id.description))
        if revocation.isDryRun {
            fields.add("would revoke", StyledText("\(counts.left)"))
        } else {
            fields.add("revoked", StyledText("\(counts.revoked)"))
            fields.add("refused", StyledText("\(counts.refused)"))
            fields.add("not possible", StyledText("\(counts.notPossible)"))
            fields.add("unknown", StyledText("\(counts.unknown)"))
        }
        if let digest { fields.add("sha256", StyledText(digest)) }
        return fields.rendered(colours: colours)
    }
}
