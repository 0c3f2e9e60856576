import Encodings
import Testing

@testable import StateTokens

@Suite("TicketCodec") struct TicketCodecTests {
    private let now = TestKeys.start
    private let states: StateTokenCodec
    private let tickets: TicketCodec

    init() throws {
        states = try TestKeys.codec([TestKeys.key(1)])
        tickets = try TestKeys.tickets([TestKeys.key(1)])
    }

    private func ticket(code: String = "code/1", issuedAt: Timestamp = TestKeys.start) throws -> Ticket {
        var state = try StateTokenCodecTests.seed()
        state.binding = Binding(octets: Array(32..<64))
        return Ticket(
            issuedAt: issuedAt, stateText: try states.encode(state, at: now).text, code: code,
            fields: ["realmId": "123", "shop": ""], scopes: ["read", "write all"])
    }

    @Test func `what was encoded is verified, with the state and the flow id that it came from`() throws {
        let ticket = try ticket()
        let verified = try tickets.verify(try tickets.encode(ticket, at: now), at: now)
        #expect(verified.ticket == ticket)
        #expect(verified.state == (try states.verify(ticket.stateText, at: now)))
    }

    @Test(arguments: [nil, [], ["a"]] as [[String]?])
    func `scopes that the callback did not name are not the same as none`(_ scopes: [String]?) throws {
        var ticket = try ticket()
        ticket.scopes = scopes
        ticket.fields = [:]
        #expect(try tickets.verify(try tickets.encode(ticket, at: now), at: now).ticket == ticket)
    }

    @Test func `a code of 2,300 characters makes a ticket of 3,430`() throws {
        var ticket = try ticket(code: String(repeating: "x.", count: 1_150))
        ticket.fields = [:]
        ticket.scopes = nil
        #expect(try tickets.encode(ticket, at: now).utf8.count == 3_430)
    }

    @Test func `the largest callback fits, and what is larger is refused`() throws {
        let largest = try ticket(code: String(repeating: "c", count: 16_384))
        let text = try tickets.encode(largest, at: now)
        #expect(text.utf8.count <= TicketCodec.maximumCharacterCount)
        #expect(try tickets.verify(text, at: now).ticket == largest)
        let larger = try ticket(code: String(repeating: "c", count: 18_432))
        #expect(throws: TokenEncodingError.tooLong) { try tickets.encode(larger, at: now) }
    }

    @Test func `what the format cannot carry is refused`() throws {
        for change in [
            { $0.code = "" }, { $0.stateText = "A" }, { $0.stateText = "a+b" }, { $0.scopes = [""] },
            { $0.fields = ["é": "x"] }, { $0.fields = ["": "x"] },
            { $0.issuedAt = Timestamp(secondsSinceEpoch: -1) },
        ] as [(inout Ticket) -> Void] {
            var ticket = try ticket()
            change(&ticket)
            #expect(throws: TokenEncodingError.invalidField) { try tickets.encode(ticket, at: now) }
        }
    }

    // MARK: Refused

    @Test func `S02 no bit flip, truncation or insertion is accepted`() throws {
        var tried = 0
        for _ in 0..<10 {
            tried += try Tampering.forEach(of: try tickets.encode(try ticket(), at: now)) {
                expectRefused($0)
            }
        }
        #expect(tried > 10 * 300 * 8)
    }

    /// By its form, its key or its tag: not by what it was opened to.
    private func expectRefused(_ text: String) {
        do throws(TicketError) {
            _ = try tickets.verify(text, at: now)
            Issue.record("accepted \(text)")
        } catch {
            switch error {
            case .unopened(.malformed), .unopened(.unknownKey), .unopened(.forged): break
            default: Issue.record("\(error): \(text)")
            }
        }
    }

    @Test(arguments: [
        "", "=", "a+b", "AA", "AQ", "é", String(repeating: "A", count: TicketCodec.maximumCharacterCount + 1),
    ])
    func `text that is no ticket is malformed`(_ text: String) {
        #expect(throws: TicketError.unopened(.malformed)) { try tickets.verify(text, at: now) }
    }

    @Test func `S05 a state is no ticket, and a ticket is no state`() throws {
        let ticket = try ticket()
        #expect(throws: TicketError.unopened(.forged)) { try tickets.verify(ticket.stateText, at: now) }
        let text = try tickets.encode(ticket, at: now)
        #expect(throws: StateTokenError.forged) { try states.verify(text, at: now) }
    }

    @Test(arguments: ["state", "connection", "tickets", "code", "api-key"])
    func `S05 a record sealed for another purpose is forged`(_ purpose: String) throws {
        let record = try TicketRecord.octets(of: try ticket())
        let text = try sealed(record, as: try #require(Purpose(purpose)))
        #expect(throws: TicketError.unopened(.forged)) { try tickets.verify(text, at: now) }
    }

    @Test(arguments: ["http://connect.example.com", "https://connect.example.org"])
    func `S05 a ticket for another audience is forged`(_ audience: String) throws {
        let other = try TestKeys.tickets([TestKeys.key(1)], audience: audience)
        let text = try other.encode(try ticket(), at: now)
        #expect(throws: TicketError.unopened(.forged)) { try tickets.verify(text, at: now) }
    }

    @Test(arguments: [119, 120, 121]) func `a ticket lives for two minutes, to the second`(_ age: Int) throws
    {
        let text = try tickets.encode(try ticket(), at: now)
        if age < 120 {
            _ = try tickets.verify(text, at: now + .seconds(age))
        } else {
            #expect(throws: TicketError.expired) { try tickets.verify(text, at: now + .seconds(age)) }
        }
    }

    @Test(arguments: [60, 61]) func `a ticket from the future is refused beyond the skew`(_ ahead: Int) throws
    {
        let text = try tickets.encode(try ticket(issuedAt: now + .seconds(ahead)), at: now)
        if ahead <= 60 {
            _ = try tickets.verify(text, at: now)
        } else {
            #expect(throws: TicketError.notYetValid) { try tickets.verify(text, at: now) }
        }
    }

    @Test func `a ticket outlives its state, which came in time`() throws {
        let later = now + .seconds(599)
        let text = try tickets.encode(try ticket(issuedAt: later), at: later)
        #expect(
            try tickets.verify(text, at: later + .seconds(119)).state.state.workspaceID == "wsp_123456789")
    }

    @Test func `S33 a disabled key opens no ticket, be it the ticket's or only its state's`() throws {
        let text = try tickets.encode(try ticket(), at: now)
        let disabled = try TestKeys.tickets([TestKeys.key(1, status: .disabled), TestKeys.key(2)])
        #expect(throws: TicketError.unopened(.disabledKey(KeyID(rawValue: 1)))) {
            try disabled.verify(text, at: now)
        }
        let younger = try TestKeys.tickets([TestKeys.key(1), TestKeys.key(2, activates: now + .seconds(1))])
        let mixed = try younger.encode(
            try ticket(issuedAt: now + .seconds(2)), at: now + .seconds(2))
        #expect(try younger.verify(mixed, at: now + .seconds(2)).state.keyID == KeyID(rawValue: 1))
        #expect(throws: TicketError.unopened(.disabledKey(KeyID(rawValue: 1)))) {
            try disabled.verify(mixed, at: now + .seconds(2))
        }
    }

    @Test func `a key id that no key has is named`() throws {
        let text = try TestKeys.tickets([TestKeys.key(2)]).encode(try ticket(), at: now)
        #expect(throws: TicketError.unopened(.unknownKey(KeyID(rawValue: 2)))) {
            try tickets.verify(text, at: now)
        }
    }

    @Test func `a ring without an enabled key seals nothing`() throws {
        let tickets = try TestKeys.tickets([TestKeys.key(1, status: .retired)])
        #expect(throws: TokenEncodingError.noSealingKey) { try tickets.encode(try ticket(), at: now) }
    }

    // MARK: The record

    @Test func `every truncation of a record is refused, and so is an octet more`() throws {
        let record = try TicketRecord.octets(of: try ticket())
        #expect(try read(record).code == "code/1")
        for count in 0..<record.count {
            let part = Array(record[..<count])
            #expect(throws: StateRecordError.self) { try read(part) }
            try expectUnreadable(part)
        }
        for octet in [0, 1, 255] as [UInt8] { try expectUnreadable(record + [octet]) }
    }

    @Test func `an unknown version or flag is refused`() throws {
        let record = try TicketRecord.octets(of: try ticket())
        for version in (0...255).map({ UInt8($0) }) where version != 1 {
            try expectUnreadable([version] + record.dropFirst())
        }
        for flag in 2..<8 {
            var changed = record
            changed[1] |= 1 << flag
            try expectUnreadable(changed)
        }
    }

    @Test func `a state in the record that is none, or another purpose's, is refused`() throws {
        for text in ["", "AAAA", try tickets.encode(try ticket(), at: now)] {
            var changed = try ticket()
            changed.stateText = text
            try expectUnreadable(try TicketRecord.octets(of: changed))
        }
    }

    @Test func `lengths that lie are refused, never a trap`() throws {
        let record = try TicketRecord.octets(of: try ticket())
        for place in 6..<record.count {
            for octet in [0x00, 0x7f, 0x80, 0xff] as [UInt8] {
                var changed = record
                changed[place] = octet
                _ = try? read(changed)
            }
        }
    }

    private func read(_ record: [UInt8]) throws -> Ticket { try TicketRecord.read(record.span) }

    private func expectUnreadable(_ record: [UInt8]) throws {
        let text = try sealed(record, as: .ticket)
        #expect(throws: TicketError.unreadable) { try tickets.verify(text, at: now) }
    }

    private func sealed(_ record: [UInt8], as purpose: Purpose) throws -> String {
        let sealer = Sealer(KeyringReference(try TestKeys.ring([TestKeys.key(1)])))
        let context = Array("https://connect.example.com".utf8)
        let octets = try sealer.seal(record.span, as: purpose, context: context.span, at: now)
        return Base64URL.encode(octets.span)
    }
}
