import ArgumentParser

/// `theirs=ours`: what another service calls something, and what it is called here.
struct RenamedArgument: ExpressibleByArgument {
    private let theirs: String
    private let ours: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        (theirs, ours) = (String(parts[0]), String(parts[1]))
    }

    /// The last one counts where a name comes twice.
    static func names(_ arguments: [RenamedArgument]) -> [String: String] {
        Dictionary(arguments.map { ($0.theirs, $0.ours) }, uniquingKeysWith: { $1 })
    }
}
