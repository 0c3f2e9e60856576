/// The row that makes a flow single-use, and the rules by which it changes; every store moves it by these.
///
/// A store reads the row, applies one of the functions below, and writes it back, all in one transaction that
/// no other writer of the row can come between.
package struct Claim: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// The owner may be sending the latest code.
        case held(until: DatabaseTime)
        /// The latest code was refused; another one may be tried.
        case free
        case finished(FlowOutcome)
    }

    /// Three different codes at most: a stranger's junk delays the user's own code, and can't be tried
    /// without end.
    package static let codeLimit = 3

    /// All codes that the flow was claimed with, in that order.
    package private(set) var codes: [CodeHash]
    /// The latest owner; kept to the end, so that an owner whose answer got lost may ask again.
    package private(set) var owner: LeaseOwner
    package private(set) var phase: Phase
    package private(set) var keptUntil: DatabaseTime

    /// A row as it was read; `nil` if no store of ours could have written it.
    package init?(codes: [CodeHash], owner: LeaseOwner, phase: Phase, keptUntil: DatabaseTime) {
        guard !codes.isEmpty, codes.count <= Self.codeLimit, Set(codes).count == codes.count else {
            return nil
        }
        self.codes = codes
        self.owner = owner
        self.phase = phase
        self.keptUntil = keptUntil
    }

    /// The first claim of a flow.
    package init(code: CodeHash, owner: LeaseOwner, until leaseEnd: DatabaseTime, keptUntil: DatabaseTime) {
        self.codes = [code]
        self.owner = owner
        self.phase = .held(until: leaseEnd)
        self.keptUntil = max(keptUntil, leaseEnd)
    }

    /// Whether the lease ran out: the code may have been sent, and no one will say what came of it.
    ///
    /// A lease is over at its end, not after it.
    package func hasLapsed(at now: DatabaseTime) -> Bool {
        guard case .held(let leaseEnd) = phase else { return false }
        return leaseEnd <= now
    }

    /// What the holder of `code` may know.
    package func progress(of code: CodeHash, at now: DatabaseTime) -> FlowProgress {
        let isLatest = codes.last == code
        // A code that another one came after was refused, or else none could have come.
        if !isLatest, codes.contains(code) { return .finished(.rejected) }
        switch phase {
        case .held where hasLapsed(at: now): return isLatest ? .finished(.restart) : .over
        case .held: return .pending(sameCode: isLatest)
        case .free where isLatest: return .finished(.rejected)
        case .free: return codes.count < Self.codeLimit ? .free : .over
        case .finished(let outcome): return isLatest ? .finished(outcome) : .over
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
        phase = .finished(.restart)
        return true
    }

    /// Claims the flow for another code, if it is free.
    package mutating func claim(
        code: CodeHash, owner next: LeaseOwner, until leaseEnd: DatabaseTime, keptUntil keepEnd: DatabaseTime,
        at now: DatabaseTime
    ) -> ClaimResult {
        switch progress(of: code, at: now) {
        case .pending(let sameCode): return .pending(sameCode: sameCode)
        case .finished(let outcome): return .finished(outcome)
        case .over: return .over
        case .free:
            codes.append(code)
            owner = next
            phase = .held(until: leaseEnd)
            keptUntil = max(keptUntil, keepEnd, leaseEnd)
            return .claimed
        }
    }

    /// Frees the flow for another code, after a definite refusal of this one.
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

    /// What a store does when an owner comes home.
    package enum Finish: Sendable, Hashable {
        /// Write the outcome, and the connection with it.
        case write
        /// The very same was written before, and only the answer got lost.
        case written
        /// Another owner's flow, or a lapsed one: write nothing.
        case refused
    }

    package mutating func finish(
        owner caller: LeaseOwner, as outcome: FlowOutcome, at now: DatabaseTime
    ) -> Finish {
        guard owner == caller, !hasLapsed(at: now) else { return .refused }
        switch phase {
        case .held:
            phase = .finished(outcome)
            return .write
        case .free:
            return .refused
        case .finished(let written):
            return written == outcome ? .written : .refused
        }
    }
}
