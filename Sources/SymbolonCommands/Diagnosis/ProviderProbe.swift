import Encodings
import Integrations
import OAuth
import OAuthHTTP
import StateTokens

/// Asks providers' endpoints whether they are there, with requests that do nothing.
struct ProviderProbe: Sendable {
    /// What became of one request.
    struct Outcome: Sendable {
        let url: String
        let result: Result<Int, ProviderRequestError>
        /// How far the provider's clock is ahead of this machine's, as far as whole seconds tell.
        let clockOffset: Duration?
    }

    private let client: ProviderHTTPClient
    private let timeout: Duration

    init(_ client: ProviderHTTPClient, timeout: Duration) {
        self.client = client
        self.timeout = timeout
    }

    /// Asks all at the same time, none for longer than the time-out.
    ///
    /// - Parameter urls: of the hosts that callers name, whether that is so: a flow checks the addresses of these behind a
    ///   proxy, too.
    func outcomes(of urls: [String: Bool]) async -> [String: Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            for (url, isNamedByCaller) in urls {
                group.addTask { await outcome(of: url, isHostNamedByCaller: isNamedByCaller) }
            }
            var outcomes: [String: Outcome] = [:]
            for await outcome in group { outcomes[outcome.url] = outcome }
            return outcomes
        }
    }

    private func outcome(of url: String, isHostNamedByCaller: Bool) async -> Outcome {
        var request = ProviderRequest(method: .get, url: url, headers: [("Accept", "*/*")], body: [])
        request.isHostNamedByCaller = isHostNamedByCaller
        do throws(ProviderRequestError) {
            let response = try await client.send(request, as: .probe, deadline: .now + timeout)
            let now = Timestamp.now()
            let offset = response.date.flatMap(HTTPDate.secondsSinceEpoch).map(
                Timestamp.init(secondsSinceEpoch:)
            ).map { date in
                Duration.seconds(date.seconds(since: now))
            }
            return Outcome(url: url, result: .success(response.status), clockOffset: offset)
        } catch {
            return Outcome(url: url, result: .failure(error), clockOffset: nil)
        }
    }
}

extension ProviderProbe.Outcome {
    /// Any response shows that the endpoint can be reached. Without parameters it is an error, and that is fine.
    var isReached: Bool {
        if case .success = result { true } else { false }
    }

    var sentence: String {
        switch result {
        case .success(let status): "answers (status \(status))"
        case .failure(let error): error.sentence
        }
    }
}
