@testable import StateTokens

/// The records inside states, tickets and sessions, as they are read once the tag holds: what was read is written again, and reads
/// the same.
struct RecordTarget: FuzzTarget {
    init() {}

    mutating func read(_ input: [UInt8]) throws -> Count {
        var count = Count(tried: 3)
        if let state = try? StateRecord.read(input.span) {
            count.accepted += 1
            let written = try [UInt8](capacity: StateRecord.maximumByteCount) {
                output throws(StateEncodingError) in
                try StateRecord.write(state, to: &output)
            }
            let again = try StateRecord.read(written.span)
            expect(again == state, "\(again) instead of \(state)")
        }
        if let ticket = try? TicketRecord.read(input.span) {
            count.accepted += 1
            // Who seals a ticket has verified its state and seen a code, so that a reader need not ask.
            if let written = try? TicketRecord.octets(of: ticket) {
                let again = try TicketRecord.read(written.span)
                expect(again == ticket, "a ticket that reads differently when it is written again")
            }
        }
        if let session = try? SessionRecord.read(input.span) {
            count.accepted += 1
            let written = try SessionRecord.octets(of: session)
            let again = try SessionRecord.read(written.span)
            expect(again == session, "\(again) instead of \(session)")
        }
        return count
    }
}
