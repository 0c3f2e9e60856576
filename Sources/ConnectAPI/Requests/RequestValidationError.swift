internal import Encodings

/// Everything that is wrong with a request's form, in FastAPI's order: a 422.
package struct RequestValidationError: Error, Equatable {
    package let issues: [ValidationIssue]

    package init(_ issues: [ValidationIssue]) { self.issues = issues }

    /// The body is not JSON, at this octet.
    package static func invalidJSON(at offset: Int) -> RequestValidationError {
        RequestValidationError([ValidationIssue(.notJSON, at: .index(offset))])
    }

    /// The API's `HTTPValidationError`. The input, which FastAPI echoes, may hold a secret and is left out.
    package var json: [UInt8] {
        JSONOutput.object(capacity: 16 + 96 * issues.count) { output in
            output.array("detail") { detail in
                for issue in issues { detail.object { item in issue.write(to: &item) } }
            }
        }
    }
}

extension ValidationIssue {
    func write(to item: inout JSONOutput.Members) {
        item.array("loc") { path in
            for element in loc {
                switch element {
                case .name(let name): path.element(name)
                case .index(let index): path.element(index)
                }
            }
        }
        item.member("msg", msg)
        item.member("type", type)
    }
}
