import ArgumentParser
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys rotate`
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Add a key that takes over when every replica has it.",
            discussion: """
                The new key seals after propagation + skew; give every replica the changed file within the \
                propagation. With --wait, the key is first published, then the replicas are asked for \
                their digests, and only when all of them have it is it scheduled, for now + skew: name \
                every replica itself, not a load balancer. A replica that lags is named, and nothing is \
                scheduled. Scheduling writes the file a second time: give every replica that version \
                before the key seals, too.

                It can be run at any time, and again after an interruption: while a new key waits for its \
                activation, no other is made.

                EXAMPLES
                  symbolon keys rotate --keyring keys/state.keyring
                  symbolon keys rotate --keyring keys/state.keyring --dry-run
                  symbolon keys rotate --keyring keys/state.keyring \\
                    --wait http://10.0.0.1:8080 --wait http://10.0.0.2:8080
                """)

        @OptionGroup var change: KeyringChangeOptions

        @Option(
            help: .init(
                "When the key begins to seal: now, 30m, or 2027-01-01T00:00:00Z (default: when every replica has it).",
                valueName: "time"))
        var activatesAt: TimeArgument?

        @Flag(help: "Accept failed callbacks, for an activation before every replica has the key.")
        var force = false

        @Option(
            name: .customLong("wait"), parsing: .upToNextOption,
            help: .init("Ask these replicas, and schedule the key when all have it.", valueName: "url"))
        var replicas: [Replica] = []

        @Option(
            help: .init(
                "How long to wait for the replicas (default: propagation and skew, and a minute at least).",
                valueName: "seconds"))
        var waitTimeout: DurationArgument?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard replicas.isEmpty || activatesAt == nil else {
                throw ValidationError("--wait schedules the key itself: leave --activates-at out.")
            }
            guard waitTimeout == nil || !replicas.isEmpty else {
                throw ValidationError("--wait-timeout goes with --wait.")
            }
            if let waitTimeout, !(0...604_800).contains(waitTimeout.seconds) {
                throw ValidationError("--wait-timeout must be from 0 to 604800 seconds.")
            }
        }

        func run() async throws(CommandError) {
            let report = replicas.isEmpty ? try rotate() : try await rotateInTwoWrites()
            guard !output.json else { return try Console.print(octets: report.json) }
            try Console.print(report.text())
            Console.note(report.nextStep)
        }

        private func rotate() throws(CommandError) -> RotationReport {
            var rotation: KeyringRotation?
            let change = try KeyringChange(change) { ring, now throws(KeyringChangeError) in
                let made = try ring.rotated(
                    at: now, activation: activatesAt?.timestamp(from: now), isForced: force)
                rotation = made
                return made.keyring
            }
            return try RotationReport(change, rotation)
        }

        private func rotateInTwoWrites() async throws(CommandError) -> RotationReport {
            var rotation: KeyringRotation?
            let first = try KeyringChange(change) { ring, now throws(KeyringChangeError) in
                let made = try ring.published(at: now)
                rotation = made
                return made.keyring
            }
            let published = try RotationReport(first, rotation)
            // A dry run has nothing to wait for, nor has a key that is scheduled.
            guard !change.dryRun else { return published }
            if let seals = published.rotation.seals {
                Console.note(
                    "Key \(published.rotation.keyID) is scheduled already and seals from \(seals.rfc3339): the "
                        + "replicas were not asked.")
                return published
            }
            let keyID = published.rotation.keyID
            try await ReplicaWait(replicas, timeout: timeout(first.after)).wait(
                for: first.after, keyID: keyID)
            let second = try KeyringChange(change) { ring, now throws(KeyringChangeError) in
                guard ring == first.after else { throw .changedMeanwhile }
                return try ring.scheduled(keyID, activation: now + ring.skew, at: now)
            }
            return published.scheduled(by: second)
        }

        private func timeout(_ keyring: Keyring) -> Duration {
            waitTimeout?.duration ?? max(.seconds(60), keyring.propagation + keyring.skew)
        }
    }
}
