internal import HTTPTypes

extension CompleteResponse {
    /// 303, so that the next request is a GET, and without a referrer (RFC 9700 §4.2.4, §4.12).
    static func redirect(_ location: String) -> CompleteResponse {
        CompleteResponse(.seeOther, .redirect, fields: [.location: location])
    }
}
