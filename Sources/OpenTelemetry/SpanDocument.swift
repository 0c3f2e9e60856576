internal import Encodings
internal import Tracing

/// An `ExportTraceServiceRequest` in the JSON encoding of OTLP: ids in hexadecimal, 64-bit integers as strings, and
/// enumerations as numbers.
package enum SpanDocument {
    /// Longer texts are cut.
    static let maximumTextLength = 256

    package static func encode(_ spans: [FinishedSpan], of resource: TraceResource) -> [UInt8] {
        JSONOutput.object(capacity: 512 + spans.count * 768) { document in
            document.array("resourceSpans") { groups in
                // Without spans it is a request that asks only whether it is taken.
                guard !spans.isEmpty else { return }
                groups.object { group in
                    group.object("resource") { members in
                        members.array("attributes") { attributes in
                            for (name, value) in resource.attributes {
                                attributes.attribute(name, .string(value))
                            }
                        }
                    }
                    group.array("scopeSpans") { scopes in
                        scopes.object { scope in
                            scope.object("scope") { members in
                                members.member("name", resource.serviceName)
                                members.member("version", resource.serviceVersion)
                            }
                            scope.array("spans") { list in
                                for span in spans { list.object { span.write(to: &$0) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension FinishedSpan {
    fileprivate func write(to span: inout JSONOutput.Members) {
        context.write(to: &span)
        if let parent { span.member("parentSpanId", parent.context.spanID.hexadecimal) }
        span.member("flags", context.flags(isRemote: parent?.isRemote ?? false))
        span.member("name", name)
        span.member("kind", kind.number)
        span.member("startTimeUnixNano", String(start))
        span.member("endTimeUnixNano", String(end))
        span.array("attributes") { $0.attributes(attributes) }
        if !events.isEmpty {
            span.array("events") { list in
                for event in events {
                    list.object { members in
                        members.member("timeUnixNano", String(event.nanosecondsSinceEpoch))
                        members.member("name", event.name)
                        members.array("attributes") { $0.attributes(event.attributes) }
                    }
                }
            }
        }
        if !links.isEmpty {
            span.array("links") { list in
                for link in links {
                    list.object { members in
                        link.context.write(to: &members)
                        members.member("flags", link.context.flags(isRemote: link.isRemote))
                    }
                }
            }
        }
        span.object("status") { members in
            guard let status else { return }
            members.member("code", status.code == .ok ? 1 : 2)
            if let message = status.message { members.member("message", message.cut) }
        }
    }
}

extension TraceContext {
    fileprivate func write(to members: inout JSONOutput.Members) {
        members.member("traceId", traceID.hexadecimal)
        members.member("spanId", spanID.hexadecimal)
        if let state { members.member("traceState", state) }
    }

    /// The flags of W3C, and above them whether it is known and true that the other end is another process's.
    fileprivate func flags(isRemote: Bool) -> Int { (isSampled ? 1 : 0) | 0x100 | (isRemote ? 0x200 : 0) }
}

extension SpanKind {
    fileprivate var number: Int {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}

extension JSONOutput.Elements {
    /// In the order of their names.
    fileprivate mutating func attributes(_ attributes: SpanAttributes) {
        var all: [(name: String, value: SpanAttribute)] = []
        attributes.forEach { all.append(($0, $1)) }
        for (name, value) in all.sorted(by: { $0.name < $1.name }) { attribute(name, value) }
    }

    fileprivate mutating func attribute(_ name: String, _ value: SpanAttribute) {
        object { members in
            members.member("key", name)
            members.object("value") { value.write(to: &$0) }
        }
    }

    private mutating func values<Value>(_ values: [Value], _ attribute: (Value) -> SpanAttribute) {
        for value in values { object { attribute(value).write(to: &$0) } }
    }

    fileprivate mutating func values(of attribute: SpanAttribute) {
        switch attribute {
        case .int32Array(let all): values(all) { .int32($0) }
        case .int64Array(let all): values(all) { .int64($0) }
        case .doubleArray(let all): values(all) { .double($0) }
        case .boolArray(let all): values(all) { .bool($0) }
        case .stringArray(let all): values(all) { .string($0) }
        case .stringConvertibleArray(let all): values(all) { .string("\($0)") }
        default: return
        }
    }
}

extension SpanAttribute {
    /// An `AnyValue`.
    fileprivate func write(to members: inout JSONOutput.Members) {
        switch self {
        case .int32(let value): members.member("intValue", String(value))
        case .int64(let value): members.member("intValue", String(value))
        case .double(let value) where value.isFinite: members.member("doubleValue", json: "\(value)")
        case .double(let value):
            members.member(
                "doubleValue", value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        case .bool(let value): members.member("boolValue", value)
        case .string(let value): members.member("stringValue", value.cut)
        case .stringConvertible(let value): members.member("stringValue", "\(value)".cut)
        default:
            members.object("arrayValue") { array in array.array("values") { $0.values(of: self) } }
        }
    }
}

extension String {
    fileprivate var cut: String { String(unicodeScalars.prefix(SpanDocument.maximumTextLength)) }
}
