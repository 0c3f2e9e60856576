package import Connections
package import StateTokens

/// How far the sealing again has come.
package struct ResealProgress: Sendable, Equatable {
    /// A row that did not open, and so was left as it is.
    package struct Unreadable: Sendable, Equatable {
        package let connectionID: ConnectionID
        package let keyID: KeyID
        package let reason: CredentialError
    }

    /// The key that seals.
    package let keyID: KeyID
    package private(set) var resealedCount = 0
    /// Rows of the current pass that another writer changed first.
    package private(set) var changedCount = 0
    /// Those of the current pass.
    package private(set) var unreadable: [Unreadable] = []
    /// Rows of the current pass of which not even the columns can be read.
    package private(set) var unreadableRows: [UnreadableConnection] = []

    init(keyID: KeyID) { self.keyID = keyID }

    mutating func beginPass() {
        changedCount = 0
        unreadable = []
        unreadableRows = []
    }

    mutating func addResealed() { resealedCount += 1 }

    mutating func addChanged() { changedCount += 1 }

    mutating func addUnreadable(_ rows: [UnreadableConnection]) { unreadableRows += rows }

    mutating func addUnreadable(_ id: ConnectionID, _ keyID: KeyID, _ reason: CredentialError) {
        unreadable.append(Unreadable(connectionID: id, keyID: keyID, reason: reason))
    }
}

/// Why sealing again stopped; what is done stays done.
package enum ResealError: Error, Equatable {
    /// No key of the ring is enabled.
    case nothingSeals
    case sealing(SealError)
    case store(StoreError)
    case cancelled
}
