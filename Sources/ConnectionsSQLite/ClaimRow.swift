import Connections
import FoundationEssentials
import GRDB
import StateTokens

/// A claim as the table holds it.
struct ClaimRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "claims"

    private enum CodingKeys: String, CodingKey {
        case flowID = "flow_id"
        case codes, owner, phase, error
        case leaseEndsAt = "lease_ends_at_ms"
        case connectionID = "connection_id"
        // Once a sentence.
        case reason = "error_description"
        case keptUntil = "kept_until_ms"
    }

    private enum Phase: String, Codable {
        case held, free, success, failure
    }

    private let flowID: Data
    private let codes: Data
    private let owner: Data
    private let phase: Phase
    private var leaseEndsAt: Int64?
    private var connectionID: String?
    private var error: String?
    private var reason: String?
    private let keptUntil: Int64

    init(_ claim: Claim, flow: FlowID) {
        flowID = Data(flow.octets)
        codes = Data(claim.codes)
        owner = Data(claim.owner.octets)
        keptUntil = claim.keptUntil.millisecondsSinceEpoch
        switch claim.phase {
        case .held(let leaseEnd):
            phase = .held
            leaseEndsAt = leaseEnd.millisecondsSinceEpoch
        case .free:
            phase = .free
        case .finished(.success(let id)):
            phase = .success
            connectionID = id.description
        case .finished(.failure(let failure)):
            phase = .failure
            error = failure.code
            reason = failure.reason
        }
    }

    static func find(_ flow: FlowID, in database: Database) throws -> Claim? {
        guard let row = try fetchOne(database, key: Data(flow.octets)) else { return nil }
        guard let claim = row.claim else { throw StoreError.corrupt(reason: "a claim that makes no sense") }
        return claim
    }

    private var claim: Claim? {
        guard let owner = LeaseOwner(octets: Array(owner)), let phase = claimPhase else { return nil }
        return Claim(
            codes: Array(codes), owner: owner, phase: phase,
            keptUntil: DatabaseTime(millisecondsSinceEpoch: keptUntil))
    }

    private var claimPhase: Claim.Phase? {
        switch phase {
        case .held:
            leaseEndsAt.map { .held(until: DatabaseTime(millisecondsSinceEpoch: $0)) }
        case .free:
            .free
        case .success:
            connectionID.flatMap { ConnectionID($0) }.map { .finished(.success($0)) }
        case .failure:
            if let error, let reason {
                .finished(.failure(FlowFailure(code: error, reason: reason)))
            } else {
                nil
            }
        }
    }
}
