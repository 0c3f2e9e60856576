import Keyrings
import StateTokens

/// Looks at one keyring as a replica would.
struct KeyringCheck {
    let source: KeyringSource
    let purpose: Keyring.Purpose
    let now: Timestamp

    private var topic: String { "\(purpose.rawValue).keyring" }

    func findings() -> [Finding] {
        let keyring: Keyring
        do throws(KeyringFileError) {
            keyring = try source.load(purpose)
        } catch {
            let error = CommandError(error, in: source.description)
            return [.bad(topic, error.message, error.status)]
        }
        var findings = [seals(keyring)]
        let failing = keyring.keysThatFail()
        if !failing.isEmpty {
            let names = failing.map(\.description).joined(separator: ", ")
            findings.append(
                .bad(
                    topic,
                    "these keys do not open what they seal: \(names). libcrypto or the memory is broken",
                    .refused))
        }
        for key in keyring.keys {
            switch keyring.state(of: key, at: now) {
            case .prunable:
                findings.append(.note(topic, "key \(key.id) is no longer needed: run `symbolon keys prune`"))
            case .unscheduled:
                findings.append(
                    .warning(
                        topic, "key \(key.id) is published and not scheduled: end the rotation that made it"))
            case .next, .sealing, .opening, .retired, .disabled: break
            }
        }
        return findings
    }

    private func seals(_ keyring: Keyring) -> Finding {
        guard let key = keyring.sealingKey(at: now) else {
            return .bad(
                topic, "no key is enabled, so nothing can be sealed: run `symbolon keys rotate`", .refused)
        }
        let next = keyring.nextActivation(after: now).map {
            "the next takes over \($0.relative(to: now)), \($0.rfc3339)"
        }
        let age = (key.activates ?? key.created).relative(to: now)
        return .good(
            topic,
            "key \(key.id) seals since \(age); \(next ?? "no other is scheduled"); digest \(keyring.digest.prefix(19))…"
        )
    }
}
