internal import Encodings

/// What a flow consists of, in the order in which it happens.
package enum TrialStep: String, Sendable, CaseIterable {
    case authorization
    case callback
    case exchange
    case exchangeAfter = "second exchange"
    case account
    case refresh
    case revocation
}

/// One step of a flow: what was sent, what came back, what was wrong.
package struct TrialRecord: Sendable {
    package let step: TrialStep
    /// What the browser is sent, and what came out.
    package var lines: [String] = []
    package var exchanges: [StrictProvider.Exchange] = []
    /// Why the step was left out.
    package var omission: String?
    package var failure: String?

    init(step: TrialStep) { self.step = step }

    mutating func leaveOut(_ reason: String) { omission = reason }
}

/// A flow that was tried.
package struct TrialReport: Sendable {
    package var records: [TrialRecord] = []
    /// Why not even the first step was taken.
    package private(set) var problem: String?

    package init() {}

    mutating func fail(_ problem: String) { self.problem = problem }

    /// The steps that held.
    package var held: [TrialStep] {
        records.filter { $0.failure == nil && $0.omission == nil }.map(\.step)
    }

    /// What did not hold, in a sentence; `nil`: everything did.
    package var failure: String? {
        if let problem { return problem }
        return records.first { $0.failure != nil }
            .map { "\($0.step.rawValue): \($0.failure ?? "")" }
    }
}

extension StrictProvider.Exchange {
    /// Both in short. Everything in them is made up, so that nothing is left out.
    package var lines: [String] {
        let shown = ["authorization", "content-type"]
        var lines = ["> \(request.method) \(request.url)"]
        for name in shown {
            if let value = request.headers[name] { lines.append("> \(name): \(value)") }
        }
        if !request.body.isEmpty { lines.append("> \(request.body)") }
        lines.append("< \(response.status) \(String(decoding: response.body.bytes, as: UTF8.self))")
        return lines
    }
}
