internal import Cryptography
internal import Integrations
package import OAuth
package import OAuthHTTP
package import StateTokens

extension ProviderRequest {
    /// A message as it is sent (Standard Webhooks): headers `webhook-id`, `webhook-timestamp`, and `webhook-signature`
    /// with one signature for each secret.
    ///
    /// - Returns: `nil` if libcrypto fails.
    package static func webhook(
        id: String, body: String, to url: String, secrets: [WebhookSecret], at now: Timestamp
    ) -> ProviderRequest? {
        var signatures: [String] = []
        for secret in secrets {
            do throws(CryptographyError) {
                signatures.append(
                    try secret.signature(id: id, timestamp: now.secondsSinceEpoch, body: body))
            } catch {
                return nil
            }
        }
        var request = ProviderRequest(
            method: .post, url: url,
            headers: [
                ("Content-Type", "application/json"), ("webhook-id", id),
                ("webhook-timestamp", "\(now.secondsSinceEpoch)"),
                ("webhook-signature", signatures.joined(separator: " ")),
            ], body: Array(body.utf8))
        // No proxy looks up its host: it is resolved and checked here.
        request.isHostNamedByCaller = true
        return request
    }
}

/// What came of sending a message.
package enum WebhookResult: Sendable, Equatable {
    case delivered
    /// A status, or a code of ours.
    case failed(String)

    package init(status: Int) {
        self = (200..<300).contains(status) ? .delivered : .failed("status \(status)")
    }
}

extension WebhookResult {
    package init(_ error: ProviderRequestError) {
        self = .failed(error.code)
    }
}
