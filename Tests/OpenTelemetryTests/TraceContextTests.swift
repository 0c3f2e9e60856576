import Testing

@testable import OpenTelemetry

/// W3C Trace Context: what is taken in from a request, and what is handed on.
@Suite("TraceContext") struct TraceContextTests {
    private static let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `the example of the specification is read and written unchanged`() throws {
        let context = try #require(TraceContext(traceparent: Self.traceparent))
        #expect(context.traceID == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
        #expect(context.spanID == 0x00f0_67aa_0ba9_02b7)
        #expect(context.isSampled)
        #expect(context.traceparent == Self.traceparent)
    }

    @Test(arguments: [("00", false), ("01", true), ("02", false), ("03", true), ("ff", true), ("fe", false)])
    func `only the last flag says that a trace is sampled`(_ flags: String, _ isSampled: Bool) throws {
        let start = String(Self.traceparent.dropLast(2))
        let context = try #require(TraceContext(traceparent: "\(start)\(flags)"))
        #expect(context.isSampled == isSampled)
        #expect(context.traceparent == "\(start)\(isSampled ? "01" : "00")")
    }

    @Test(arguments: [
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
    ])
    func `a later version is read as far as it is known, and handed on as version 00`(_ text: String) throws {
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.traceparent == Self.traceparent)
    }

    @Test(arguments: [
        "", "00", "-", String(repeating: "-", count: 55), String(repeating: "0", count: 55),
        // Version ff is none.
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        // An id of zeros names nothing.
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        // Upper case.
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
        "0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
        // Too short, too long.
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e47360-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-012",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        // Other octets, and separators elsewhere.
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473é00f067aa0ba902b7-01",
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "+1-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        // Two fields that became one.
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ])
    func `S28 a traceparent that is not valid continues no trace`(_ text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test(arguments: [
        "rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1, b=2 ,\tc=3", "a=1,,b=2",
        "fw529a3039@dt=FfffC0", "0a/b*c_d-e=x y z",
    ])
    func `a valid tracestate is handed on as it is`(_ text: String) {
        #expect(TraceContext(traceparent: Self.traceparent, tracestate: text)?.state == text)
    }

    private static let badStates: [String] = [
        "", " ", ",", "a", "=1", "a=", "A=1", "a=1,a=2", "a=1;b=2\u{7f}", "a=b=c", "ä=1", "a=ü", "a b=1",
        "_a=1",
        "a=\(String(repeating: "x", count: 257))", "\(String(repeating: "k", count: 257))=1",
        (0...32).map { "k\($0)=1" }.joined(separator: ","),
        (0..<20).map { "k\($0)=\(String(repeating: "v", count: 30))" }.joined(separator: ","),
    ]

    @Test(arguments: badStates)
    func `a tracestate that is not valid is left out, and the trace goes on`(_ text: String) throws {
        let context = try #require(TraceContext(traceparent: Self.traceparent, tracestate: text))
        #expect(context.state == nil)
    }

    @Test func `the share of sampled traces is decided by the end of their ids alone`() {
        let all = TraceSampler(share: 1)
        let none = TraceSampler(share: 0)
        let half = TraceSampler(share: 0.5)
        let ids: [UInt128] = [1, .max, 1 << 127, 0x00ff_ffff_ffff_ffff]
        for id in ids {
            #expect(all.samples(id))
            #expect(!none.samples(id))
        }
        #expect(half.samples(0x007f_ffff_ffff_ffff))
        #expect(!half.samples(0x0080_0000_0000_0000))
        #expect(half.samples(0xff00_0000_0000_0000 | UInt128.max << 64))
    }
}
