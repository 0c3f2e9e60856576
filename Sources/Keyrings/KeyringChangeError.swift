public import StateTokens

/// Why a keyring was not changed as asked. Each says what to do instead; nothing has been written.
public enum KeyringChangeError: Error, Equatable {
    /// No key in the ring has this id.
    case unknownKey(KeyID)
    /// Some replica might not hold the key yet when another begins to seal with it.
    case activationTooEarly(earliest: Timestamp)
    /// Nothing begins to seal in the past: it would make older keys look long superseded.
    case activationInPast
    /// There is a key that waits for its time already, and that time is another.
    case alreadyScheduled(KeyID, Timestamp)
    /// Only a published, unscheduled key can be given its time.
    case notUnscheduled(KeyID)
    /// The key seals.
    case seals(KeyID)
    /// Without the key, one would have to seal whose time has not come.
    case nothingElseSeals(KeyID, next: Timestamp?)
    /// Something that the key sealed may still be accepted, or written. `nil`: until another key has taken over.
    case inFlight(KeyID, until: Timestamp?)
    /// Some replica might seal with the key before it hears that the key is gone.
    case aboutToSeal(KeyID, Timestamp)
    /// The key is disabled, and stays so.
    case disabled(KeyID)
    /// Rows may name a key of a connections keyring, and the store was not asked.
    case rowsUnknown
    /// Rows name the key: their credentials would be lost.
    case rowsName(KeyID)
    /// So many rows do not say which key they need: it may be this one.
    case rowsUnreadable(Int)
    /// Another change came between the two writes of one rotation.
    case changedMeanwhile
    /// The changed keys do not make a keyring, or there are no random octets for a new one.
    case keyring(KeyringError)
}

extension KeyringChangeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKey(let id): "the keyring has no key \(id): see `symbolon keys list`"
        case .activationTooEarly(let earliest):
            "before \(earliest.rfc3339) a key could seal what another replica cannot open yet: it takes "
                + "propagation and skew. Leave the time out, or use --wait; --force accepts failed callbacks"
        case .activationInPast: "a key cannot begin to seal in the past"
        case .alreadyScheduled(let id, let activates):
            "key \(id) is on its way and seals from \(activates.rfc3339): no other is made before. To call that "
                + "off, retire it"
        case .notUnscheduled(let id): "key \(id) is not one that waits to be scheduled"
        case .seals(let id):
            "key \(id) is what seals: run `symbolon keys rotate` first, and wait until the new key has taken over"
        case .nothingElseSeals(let id, let next?):
            "key \(id) is what seals, and the next one's time has not come: wait until \(next.rfc3339)"
        case .nothingElseSeals(let id, nil):
            "key \(id) is the only one that seals: run `symbolon keys rotate` first, and wait until the new key "
                + "has taken over"
        case .inFlight(let id, let until?):
            "what key \(id) sealed may be on its way until \(until.rfc3339): wait until then. If the key is "
                + "known to others, disable it"
        case .inFlight(let id, nil):
            "what key \(id) sealed may be on its way, and no later key has taken over from it: run "
                + "`symbolon keys rotate`, and `symbolon keys list` says from when on this one may go"
        case .aboutToSeal(let id, let activates):
            "key \(id) is to seal from \(activates.rfc3339), and not every replica would hear before that it is "
                + "gone: retire it, so that they can still open what it seals"
        case .disabled(let id): "key \(id) is disabled, and stays so"
        case .rowsUnknown:
            "rows may need keys of a connections keyring, so the store must be asked: add --store sqlite:PATH"
        case .rowsName(let id):
            "rows of the store name key \(id), and their credentials would be lost: run `symbolon connections "
                + "reseal` first"
        case .rowsUnreadable(let count):
            "\(count) \(count == 1 ? "row of the store does" : "rows of the store do") not say which key is needed (column "
                + "key_id), so it may be any: `symbolon connections reseal` names them. Mend them or delete the "
                + "connections first; --force gives them up"
        case .changedMeanwhile:
            "the keyring was changed by another command in the meantime, so nothing was scheduled: look at it "
                + "with `symbolon keys list`, and run this again"
        case .keyring(let error): "\(KeyringFileError.keyring(error))"
        }
    }
}
