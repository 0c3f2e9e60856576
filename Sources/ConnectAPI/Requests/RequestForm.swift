package import Encodings

/// The fields of one kind of request, filled in while its body is read.
package protocol RequestForm {
    associatedtype Request

    /// What is said of a body that is not sent as JSON.
    static var contentTypeFault: ValidationIssue.Fault { get }

    init()

    /// Takes the value of a member, which comes next in the text; one whose name is unknown is skipped.
    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError)

    /// The request, when no field is wrong; what is wrong is added to the issues, in the fields' order.
    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> Request?
}

extension RequestForm {
    package static var contentTypeFault: ValidationIssue.Fault { .notSentAsJSON }

    /// Reads a body in FastAPI's order: whether there is one, whether it is JSON, an object, then its fields.
    package static func parse(
        _ text: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> Request {
        guard !text.isEmpty else { throw RequestValidationError([ValidationIssue(.missing)]) }
        guard RequestMediaType.isJSON(contentType) else {
            throw RequestValidationError([ValidationIssue(contentTypeFault)])
        }
        var issues = ValidationIssues()
        do throws(JSONSyntaxError) {
            if let form = try read(text) {
                if let request = try form.request(collecting: &issues, in: text), issues.list.isEmpty {
                    return request
                }
            } else {
                issues.add(.notRequest)
            }
        } catch {
            throw .invalidJSON(at: error.offset)
        }
        throw RequestValidationError(issues.list)
    }

    /// `nil` if the text is no object. All of it is read first: broken JSON hides every other fault.
    private static func read(_ text: Span<UInt8>) throws(JSONSyntaxError) -> Self? {
        var reader = JSONReader()
        var form: Self?
        reader.skipByteOrderMark(in: text)
        reader.skipWhitespace(in: text)
        if reader.octet(in: text) == .leftBrace {
            var fields = Self()
            try reader.openContainer()
            while let name = try reader.nextMember(in: text) {
                try fields.readMember(name, with: &reader, in: text)
            }
            form = fields
        } else {
            try reader.skipValue(in: text)
        }
        reader.skipWhitespace(in: text)
        guard reader.offset == text.count else { throw JSONSyntaxError(at: reader.offset) }
        return form
    }
}

/// The names of members that a form does not know, where such a name is a fault: what it says would be lost otherwise.
struct UnknownMembers {
    /// As many as a response names; a body has room for thousands.
    private static let limit = 16

    private var names: [String] = []

    /// Skips the member's value, and remembers its name.
    mutating func skip(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if names.count < Self.limit {
            names.append(String(decoding: name.octets(in: text), as: UTF8.self))
        }
        try reader.skipValue(in: text)
    }

    func report(to issues: inout ValidationIssues) {
        for name in names {
            issues.add("Extra inputs are not permitted", "extra_forbidden", at: [.beginning(of: name)])
        }
    }
}
