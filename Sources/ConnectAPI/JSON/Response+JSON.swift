package import Encodings
internal import HTTPTypes
package import Hummingbird

extension Response {
    /// A JSON response that no cache keeps.
    package static func json(
        _ status: HTTPResponse.Status = .ok, capacity: Int = 256, _ write: (inout JSONOutput.Members) -> Void
    ) -> Response {
        json(status, octets: JSONOutput.object(capacity: capacity, write))
    }

    package static func json(_ status: HTTPResponse.Status = .ok, octets: [UInt8]) -> Response {
        CompleteResponse.json(status, octets: octets).response
    }
}
