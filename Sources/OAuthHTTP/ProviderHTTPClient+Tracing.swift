internal import Integrations
internal import OAuth
internal import Tracing

/// Makes a span of each request, by the semantic conventions of HTTP clients, and hands the trace on with it.
///
/// The URL is left out: some providers take secrets in its query. Of an error there is its name.
struct ProviderTracing: Sendable {
    private let tracer: any Tracer

    init(_ tracer: any Tracer) { self.tracer = tracer }

    func send(
        _ request: ProviderRequest, _ url: ProviderURL, as call: ProviderCall,
        _ send: (ProviderRequest) async throws(ProviderRequestError) -> ProviderResponse
    ) async throws(ProviderRequestError) -> ProviderResponse {
        let span = tracer.startSpan("\(request.method.rawValue) \(call.rawValue)", ofKind: .client)
        defer { span.end() }
        span.attributes = [
            "http.request.method": .string(request.method.rawValue),
            "server.address": .string(url.host), "server.port": .int64(Int64(url.port)),
            "url.scheme": .string(url.isSecure ? "https" : "http"),
            "symbolon.provider.call": .string(call.rawValue),
        ]
        var traced = request
        tracer.inject(span.context, into: &traced, using: HeaderInjector())
        do throws(ProviderRequestError) {
            let response = try await send(traced)
            span.attributes["http.response.status_code"] = response.status
            if response.status >= 400 { fail(span, "\(response.status)") }
            return response
        } catch {
            fail(span, error.code)
            throw error
        }
    }

    private func fail(_ span: any Span, _ type: String) {
        span.attributes["error.type"] = type
        span.setStatus(SpanStatus(code: .error))
    }
}

private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout ProviderRequest) {
        carrier.headers.append((key, value))
    }
}
