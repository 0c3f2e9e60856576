/// What kind of trouble keeps a store from working, in a word that tells strangers nothing.
package enum StoreOutage: String, Sendable, Hashable {
    /// No connection to it can be made, or it was lost.
    case unreachable
    /// The store's server does not let us in.
    case rejected
    case timedOut = "timed_out"
    /// Others hold it, or have all of its connections.
    case busy
    /// No room is left.
    case full
    case readOnly = "read_only"
    /// The database file was moved, deleted or replaced.
    case moved
    /// A later release has changed the tables.
    case newer
    case other = "unavailable"
}
