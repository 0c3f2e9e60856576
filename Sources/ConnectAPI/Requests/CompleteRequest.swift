internal import Encodings

/// What an app's server sends to complete a flow in confirm mode.
package struct CompleteRequest: Equatable, Sendable {
    /// What came to its redirect URI.
    package let ticket: String
    /// What the binding of the initiate request is the SHA-256 of.
    package let bindingSecret: String

    package init(ticket: String, bindingSecret: String) {
        self.ticket = ticket
        self.bindingSecret = bindingSecret
    }

    /// Reads the body of a complete request; what it accepts, and what it says otherwise, is FastAPI's.
    package static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> CompleteRequest {
        try CompleteForm.parse(body, contentType: contentType)
    }
}

/// Codes and secrets are in here: printing or reflecting it shows nothing.
extension CompleteRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(complete request)" }
    package var debugDescription: String { "(complete request)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A complete request, while it is read.
private struct CompleteForm: RequestForm {
    private var ticket = FormField<String>.absent
    private var bindingSecret = FormField<String>.absent

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("ticket", in: text) {
            ticket = try reader.readStringField(in: text)
        } else if name.matches("binding_secret", in: text) {
            bindingSecret = try reader.readStringField(in: text)
        } else {
            try reader.skipValue(in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> CompleteRequest? {
        let ticket = issues.required(ticket, "ticket")
        let bindingSecret = issues.required(bindingSecret, "binding_secret")
        guard let ticket, let bindingSecret else { return nil }
        return CompleteRequest(ticket: ticket, bindingSecret: bindingSecret)
    }
}
