internal import Synchronization

/// The compiled patterns of parameters: each is compiled when its entry is read, and not again at each flow.
///
/// Entries have them, and callers cannot name one, so that there are no more than the catalog's files have had.
enum ParameterPatterns {
    // Sendable without a check, and safe: a `Regex` is not Sendable because it may hold closures. One that is made of a text
    // holds none, is never changed, and keeps its program by an atomic reference.
    private struct Compiled: @unchecked Sendable {
        let regex: Regex<AnyRegexOutput>
    }

    private static let compiled = Mutex<[String: Compiled]>([:])

    static func regex(_ pattern: String) throws -> Regex<AnyRegexOutput> {
        if let known = compiled.withLock({ $0[pattern] }) { return known.regex }
        let made = Compiled(regex: try Regex(pattern).matchingSemantics(.unicodeScalar))
        compiled.withLock { $0[pattern] = made }
        return made.regex
    }
}
