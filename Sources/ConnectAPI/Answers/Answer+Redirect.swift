internal import HTTPTypes

extension Answer {
    /// 303, so that the next request is a GET, and without a referrer (RFC 9700 §4.2.4, §4.12).
    static func redirect(_ location: String) -> Answer {
        Answer(.seeOther, .redirect, fields: [.location: location])
    }
}
