import Integrations
import OAuth
import OAuthHTTP
import StateTokens

/// Asks providers' endpoints whether they are there. Nothing is sent that means anything to them.
struct ProviderProbe: Sendable {
    /// What became of one request.
    struct Outcome: Sendable {
        let url: String
        let result: Result<Int, TokenEndpointError>
        /// How far the provider's clock is ahead of this machine's, as far as whole seconds tell.
        let clockOffset: Duration?
    }

    private let client: ProviderHTTPClient
    private let timeout: Duration

    init(_ client: ProviderHTTPClient, timeout: Duration) {
        self.client = client
        self.timeout = timeout
    }

    /// All at the same time, and none for longer than the time-out.
    func outcomes(of urls: [String]) async -> [String: Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            for url in Set(urls) { group.addTask { await outcome(of: url) } }
            var outcomes: [String: Outcome] = [:]
            for await outcome in group { outcomes[outcome.url] = outcome }
            return outcomes
        }
    }

    private func outcome(of url: String) async -> Outcome {
        let request = TokenRequest(method: .get, url: url, headers: [("Accept", "*/*")], body: [])
        do throws(TokenEndpointError) {
            let answer = try await client.send(request, deadline: .now + timeout)
            let now = Timestamp.now()
            let offset = answer.date.flatMap { Timestamp(httpDate: $0) }.map { date in
                Duration.seconds(date.seconds(since: now))
            }
            return Outcome(url: url, result: .success(answer.status), clockOffset: offset)
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

extension TokenEndpointError {
    /// What is wrong, in words that help to fix it.
    var sentence: String {
        switch self {
        case .unacceptable(let error): "is not asked: its URL \(error.description)"
        case .forbiddenAddress:
            "is not asked: its name leads into a private network; set providers.allow_private_addresses to allow that"
        case .unresolved: "has a name that does not resolve here"
        case .unreachable: "cannot be reached: no connection could be made"
        case .insecureConnection: "has a certificate that does not hold, or TLS failed"
        case .shutDown, .cancelled: "was not asked"
        case .timedOut: "does not answer in time"
        case .interrupted: "broke the connection, or speaks no HTTP"
        case .tooLarge: "answers with more than 1 MiB"
        case .unreadable: "answers in a content coding that was not asked for and cannot be decoded"
        }
    }
}
