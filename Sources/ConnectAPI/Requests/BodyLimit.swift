/// The largest body of a request, in octets, by what it holds. A longer one is a 413.
enum BodyLimit {
    /// What begins a flow, a session or a revocation, or changes a connection.
    static let initiate = 16 * 1024
    /// Room for the longest ticket.
    static let ticket = 32 * 1024
    /// Three tokens of the greatest length, and room beside them.
    static let credentials = 256 * 1024
}
