import ArgumentParser

/// The durations of a new keyring.
struct KeyringDurationOptions: ParsableArguments {
    /// The longest lifetime that a state can carry, and more than any of the durations needs.
    private static let longest: Int64 = 2_097_151

    @Option(help: .init("The longest lifetime of a state, such as 15m or 1h.", valueName: "seconds"))
    var maxLifetime = DurationArgument(seconds: 600)

    @Option(
        help: .init("The longest lifetime of a connect session, at most 24h.", valueName: "seconds"))
    var sessionLifetime = DurationArgument(seconds: 1800)

    @Option(help: .init("The longest time until every replica has a changed file.", valueName: "seconds"))
    var propagation = DurationArgument(seconds: 600)

    @Option(help: .init("The greatest difference between two replicas' clocks.", valueName: "seconds"))
    var skew = DurationArgument(seconds: 60)

    func validate() throws {
        guard (1...Self.longest).contains(maxLifetime.seconds) else {
            throw ValidationError("--max-lifetime must be from 1 to \(Self.longest) seconds.")
        }
        guard (1...86_400).contains(sessionLifetime.seconds) else {
            throw ValidationError("--session-lifetime must be from 1 to 86400 seconds.")
        }
        for (name, value) in [("--propagation", propagation), ("--skew", skew)] {
            guard (0...Self.longest).contains(value.seconds) else {
                throw ValidationError("\(name) must be from 0 to \(Self.longest) seconds.")
            }
        }
    }
}
