internal import Keyrings
package import StateTokens

/// A keyring in force as operators look at it: its keys with their places in time, and nothing of their material.
package struct KeyringSchedule: Sendable {
    package struct Entry: Sendable {
        package let key: Key
        package let state: Keyring.KeyState
        /// When another key takes over, if one is scheduled to.
        package let superseded: Timestamp?
        /// From when on it may be pruned; `nil` while that is not known, and always for connection keys: those go when no
        /// row names them.
        package let mayGoFrom: Timestamp?
    }

    package let report: KeyringReadiness
    package let purpose: Keyring.Purpose
    package let maximumLifetime: Duration
    package let propagation: Duration
    package let skew: Duration
    package let keys: [Entry]

    init(_ live: LiveKeyring, at now: Timestamp) {
        let keyring = live.reference.current
        report = KeyringReadiness(live, at: now)
        purpose = keyring.purpose
        maximumLifetime = keyring.maximumLifetime
        propagation = keyring.propagation
        skew = keyring.skew
        keys = keyring.keys.map { key in
            Entry(
                key: key, state: keyring.state(of: key, at: now), superseded: keyring.superseded(key),
                mayGoFrom: keyring.prunable(key))
        }
    }
}
