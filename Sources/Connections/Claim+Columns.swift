package import StateTokens

extension Claim {
    /// The columns of the table `claims`, in one order for the statements of every store.
    package static let columns: [StoredColumn] = [
        StoredColumn("flow_id", .octets), StoredColumn("codes", .octets), StoredColumn("owner", .octets),
        StoredColumn("phase", .text), StoredColumn("lease_ends_at_ms", .integer),
        StoredColumn("connection_id", .text), StoredColumn("error", .text),
        // Once a sentence.
        StoredColumn("error_description", .text), StoredColumn("kept_until_ms", .integer),
        StoredColumn("subject", .text), StoredColumn("announce_at_ms", .integer),
    ]

    /// One for each column.
    package func values(of flow: FlowID) -> [StoredValue] {
        let phaseValues: [StoredValue] =
            switch phase {
            case .held(let leaseEnd):
                [.text("held"), .integer(leaseEnd.millisecondsSinceEpoch), .null, .null, .null]
            case .free:
                [.text("free"), .null, .null, .null, .null]
            case .finished(.success(let id)):
                [.text("success"), .null, .text(id.description), .null, .null]
            case .finished(.failure(let failure)):
                [.text("failure"), .null, .null, .text(failure.code), .text(failure.reason)]
            }
        return [.octets(flow.octets), .octets(codes), .octets(owner.octets)] + phaseValues
            + [
                .integer(keptUntil.millisecondsSinceEpoch),
                abandonment == nil ? .null : .optional(subject?.stored),
                .optional(abandonment?.millisecondsSinceEpoch),
            ]
    }

    /// A row with these columns.
    package init(stored values: [StoredValue]) throws(StoreError) {
        var row = ColumnReader(Self.columns, values)
        do throws(RowFault) {
            try self.init(&row)
        } catch {
            throw .corrupt(reason: "a claim: \(error)")
        }
    }

    private init(_ row: inout ColumnReader) throws(RowFault) {
        _ = try row.octets()
        let codes = try row.octets()
        let owner = try row.value(octets: { LeaseOwner(octets: $0) })
        let name = try row.text()
        let leaseEnd = try row.optionalInteger()
        let connectionID = try row.optionalText()
        let error = try row.optionalText()
        let reason = try row.optionalText()
        let keptUntil = DatabaseTime(millisecondsSinceEpoch: try row.integer())
        let subject = try row.optionalText().flatMap { FlowSubject(stored: $0) }
        _ = try row.optionalInteger()
        let phase: Phase? =
            switch name {
            case "held": leaseEnd.map { .held(until: DatabaseTime(millisecondsSinceEpoch: $0)) }
            case "free": .free
            case "success": connectionID.flatMap { ConnectionID($0) }.map { .finished(.success($0)) }
            case "failure":
                if let error, let reason {
                    .finished(.failure(FlowFailure(code: error, reason: reason)))
                } else {
                    nil
                }
            default: nil
            }
        guard let phase,
            let claim = Claim(
                codes: codes, owner: owner, phase: phase, keptUntil: keptUntil, subject: subject)
        else { throw RowFault("phase", .malformed) }
        self = claim
    }
}
