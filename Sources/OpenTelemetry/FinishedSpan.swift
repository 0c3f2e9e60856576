package import Tracing

/// A span as it is exported.
package struct FinishedSpan: Sendable {
    /// Where a span's parent is, or what it is linked to.
    package struct Origin: Sendable, Equatable {
        package let context: TraceContext
        /// It is another process's.
        package let isRemote: Bool
    }

    package let name: String
    package let kind: SpanKind
    package let context: TraceContext
    package let parent: Origin?
    /// In nanoseconds since 1970.
    package let start: UInt64
    /// Not before ``start``.
    package let end: UInt64
    package let attributes: SpanAttributes
    package let events: [SpanEvent]
    package let links: [Origin]
    package let status: SpanStatus?
}
