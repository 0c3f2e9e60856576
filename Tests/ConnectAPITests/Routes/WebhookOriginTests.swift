import Connections
import Testing

@testable import ConnectAPI

@Suite("The origin of a webhook's URL") struct WebhookOriginTests {
    @Test(arguments: [
        ("https://hooks.example.com/services/T0/s3cret", "https://hooks.example.com"),
        ("https://hooks.example.com?token=s3cret", "https://hooks.example.com"),
        ("https://hooks.example.com#s3cret", "https://hooks.example.com"),
        ("https://user:s3cret@hooks.example.com:8443/x", "https://hooks.example.com:8443"),
        ("https://a@b@hooks.example.com/@s3cret", "https://hooks.example.com"),
        ("https://hooks.example.com\\s3cret", "https://hooks.example.com"),
        ("https://[2001:db8::1]:444/s3cret", "https://[2001:db8::1]:444"),
        ("s3cret", ""), ("", ""), ("://", "://"),
    ])
    func `S23 an operator sees scheme and host, and nothing that may be a secret`(
        _ url: String, _ origin: String
    ) {
        #expect(WebhookTarget(workspaceID: "wsp_1", url: url).origin == origin)
    }
}
