/// The row that makes a flow single-use, and the rules by which it changes; every store moves it by these.
///
/// A store reads the row, applies one of the functions below, and writes it back, all in one transaction that
/// no other writer of the row can come between.
package struct Claim: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// The owner may be sending the latest code.
        case held(until: DatabaseTime)
        /// The latest code was rejected, or given back unsent; another one may be tried.
        case free
        case finished(FlowResult)
    }

    /// All codes but the latest, which the token endpoint rejected.
    private var rejected: RejectedCodes
    /// The code that the flow was claimed with last.
    package private(set) var code: CodeHash
    /// The latest owner; kept to the end, so that an owner may ask again when the reply got lost.
    package private(set) var owner: LeaseOwner
    package private(set) var phase: Phase
    package private(set) var keptUntil: DatabaseTime
    /// Whose flow it is, for the webhook if it fails; `nil` if no webhook is wanted, and once the flow has ended.
    package private(set) var subject: FlowSubject?

    /// A row as it was read; `nil` if no store of ours could have written it.
    package init?(
        codes: [UInt8], owner: LeaseOwner, phase: Phase, keptUntil: DatabaseTime, subject: FlowSubject? = nil
    ) {
        guard codes.count.isMultiple(of: CodeHash.octetCount),
            let code = CodeHash(octets: Array(codes.suffix(CodeHash.octetCount))),
            let rejected = RejectedCodes(octets: Array(codes.dropLast(CodeHash.octetCount))),
            !rejected.contains(code)
        else { return nil }
        self.rejected = rejected
        self.code = code
        self.owner = owner
        self.phase = phase
        self.keptUntil = keptUntil
        self.subject = subject
    }

    /// The first claim of a flow.
    package init(
        code: CodeHash, owner: LeaseOwner, until leaseEnd: DatabaseTime, keptUntil: DatabaseTime,
        subject: FlowSubject? = nil
    ) {
        self.rejected = RejectedCodes()
        self.code = code
        self.owner = owner
        self.phase = .held(until: leaseEnd)
        self.keptUntil = max(keptUntil, leaseEnd)
        self.subject = subject
    }

    /// The rejected codes and the latest one, as a row holds them: 32, 64 or 96 octets.
    package var codes: [UInt8] { rejected.octets + code.octets }

    /// Whether the latest code was never sent: then it may still be.
    private var isUnsent: Bool { phase == .free && owner == .vacant }

    /// Whether the lease ran out. The code may have been sent, and its result is lost.
    ///
    /// A lease is over at its end, not after it.
    package func hasLapsed(at now: DatabaseTime) -> Bool {
        guard case .held(let leaseEnd) = phase else { return false }
        return leaseEnd <= now
    }

    /// What the holder of `code` may know.
    package func progress(of code: CodeHash, at now: DatabaseTime) -> FlowProgress {
        let isLatest = self.code == code
        if !isLatest, rejected.contains(code) { return .finished(.failure(.codeRejected)) }
        switch phase {
        case .held where hasLapsed(at: now): return isLatest ? .finished(.failure(.restart)) : .over
        case .held: return .pending(sameCode: isLatest)
        case .free where isLatest && !isUnsent: return .finished(.failure(.codeRejected))
        case .free: return .free
        case .finished(let result): return isLatest ? .finished(result) : .over
        }
    }
}

extension Claim {
    /// Lets a lease that would last longer than any does end in time: the database's clock went back.
    /// - Returns: Whether the row changed.
    package mutating func shorten(to lease: Duration, at now: DatabaseTime) -> Bool {
        guard outlasts(lease, at: now) else { return false }
        phase = .held(until: now + lease)
        return true
    }

    package func outlasts(_ lease: Duration, at now: DatabaseTime) -> Bool {
        guard case .held(let leaseEnd) = phase else { return false }
        return leaseEnd.remaining(at: now) > lease
    }

    /// Makes a lapsed lease the end of the flow, so that no step of the clock can bring its owner back.
    /// - Returns: Whether the row changed.
    package mutating func settle(at now: DatabaseTime) -> Bool {
        guard hasLapsed(at: now) else { return false }
        phase = .finished(.failure(.restart))
        return true
    }

    /// Claims the flow for another code, if it is free.
    package mutating func claim(
        code next: CodeHash, owner nextOwner: LeaseOwner, until leaseEnd: DatabaseTime,
        keptUntil keepEnd: DatabaseTime, subject nextSubject: FlowSubject? = nil,
        at now: DatabaseTime
    ) -> ClaimResult {
        switch progress(of: next, at: now) {
        case .pending(let sameCode): return .pending(sameCode: sameCode)
        case .finished(let result): return .finished(result)
        case .over: return .over
        case .free:
            if !isUnsent { rejected.append(code) }
            code = next
            owner = nextOwner
            phase = .held(until: leaseEnd)
            keptUntil = max(keptUntil, keepEnd, leaseEnd)
            subject = nextSubject ?? subject
            return .claimed
        }
    }

    /// Frees the flow for another code, after a definite rejection of this one.
    /// - Returns: Whether the caller was still the owner.
    package mutating func release(owner caller: LeaseOwner, at now: DatabaseTime) -> Bool {
        guard owner == caller, !hasLapsed(at: now) else { return false }
        switch phase {
        case .held:
            phase = .free
            return true
        case .free:
            return true
        case .finished:
            return false
        }
    }

    /// Gives the flow back whose latest code was certainly not sent: any code may claim it, this one too.
    /// - Returns: Whether the caller was still the owner.
    package mutating func unclaim(owner caller: LeaseOwner, at now: DatabaseTime) -> Bool {
        guard owner == caller, case .held = phase, !hasLapsed(at: now) else { return false }
        phase = .free
        owner = .vacant
        return true
    }

    /// What a store does with an owner's result.
    package enum Finish: Sendable, Hashable {
        /// Write the result, and the connection with it.
        case write
        /// The same result was written before, and only the reply got lost.
        case written
        /// Another owner's flow, or a lapsed one: write nothing.
        case refused
    }

    package mutating func finish(
        owner caller: LeaseOwner, as result: FlowResult, at now: DatabaseTime
    ) -> Finish {
        guard owner == caller, !hasLapsed(at: now) else { return .refused }
        switch phase {
        case .held:
            phase = .finished(result)
            subject = nil
            return .write
        case .free:
            return .refused
        case .finished(let written):
            return written == result ? .written : .refused
        }
    }
}

// MARK: Flows that no one ends

extension Claim {
    /// When the flow counts as failed unless it ends before; `nil` if no webhook is wanted.
    package var abandonment: DatabaseTime? {
        guard subject != nil else { return nil }
        switch phase {
        case .held(let leaseEnd): return leaseEnd
        // No state of the flow is good any more.
        case .free: return keptUntil
        case .finished: return nil
        }
    }

    /// Ends a flow whose owner died, or whose codes were all rejected or given back.
    /// - Returns: The reason and the subject of the webhook, once; `nil` if the flow may still succeed.
    package mutating func abandon(at now: DatabaseTime) -> (subject: FlowSubject, reason: FlowFailure)? {
        guard let told = subject, let end = abandonment, end <= now else { return nil }
        let reason: FlowFailure =
            switch phase {
            case .free where isUnsent: .providerUnreachable
            case .free: .codeRejected
            case .held, .finished: .restart
            }
        _ = settle(at: now)
        subject = nil
        return (told, reason)
    }
}

/// The codes of a flow that the token endpoint rejected; of more than there is room for, the latest.
///
/// Up to two are kept whole, as earlier versions wrote them. Beyond that each is kept by its first octets, which
/// tell it from any other: the hashes are keyed, so no attacker can search for a second one.
private struct RejectedCodes: Sendable, Hashable {
    /// Begins octets that hold prefixes.
    private static let mark = Array("rejected".utf8)
    private static let prefixCount = 4
    private static let packedCount = 2 * CodeHash.octetCount
    private static let capacity = (packedCount - mark.count) / prefixCount

    /// 0, 32 or 64 octets.
    private(set) var octets: [UInt8] = []

    init() {}

    /// `nil` for octets that none of ours are.
    init?(octets: [UInt8]) {
        guard [0, CodeHash.octetCount, Self.packedCount].contains(octets.count) else { return nil }
        guard
            octets.count < Self.packedCount
                || octets.prefix(CodeHash.octetCount) != octets.suffix(CodeHash.octetCount)
        else { return nil }
        self.octets = octets
    }

    func contains(_ code: CodeHash) -> Bool {
        guard isPacked else { return whole.contains(code.octets[...]) }
        return prefixes.contains(code.octets.prefix(Self.prefixCount))
    }

    mutating func append(_ code: CodeHash) {
        if !isPacked, octets.count < Self.packedCount {
            octets += code.octets
            return
        }
        let known = isPacked ? prefixes : whole.map { $0.prefix(Self.prefixCount) }
        let kept = (known + [code.octets.prefix(Self.prefixCount)]).suffix(Self.capacity)
        let packed = Self.mark + kept.flatMap { $0 }
        octets = packed + [UInt8](repeating: 0, count: Self.packedCount - packed.count)
    }

    private var isPacked: Bool { octets.count == Self.packedCount && octets.starts(with: Self.mark) }

    private var whole: [ArraySlice<UInt8>] {
        stride(from: 0, to: octets.count, by: CodeHash.octetCount).map {
            octets[$0..<$0 + CodeHash.octetCount]
        }
    }

    /// Room that is not used yet is zero.
    private var prefixes: [ArraySlice<UInt8>] {
        stride(from: Self.mark.count, to: octets.count, by: Self.prefixCount).map {
            octets[$0..<$0 + Self.prefixCount]
        }.filter { prefix in prefix.contains { $0 != 0 } }
    }
}
