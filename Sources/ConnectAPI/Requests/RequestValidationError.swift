internal import ConnectPages
internal import Encodings

/// Everything that is wrong with a request's form, in FastAPI's order: a 422.
package struct RequestValidationError: Error, Equatable {
    package let issues: [ValidationIssue]

    package init(_ issues: [ValidationIssue]) { self.issues = issues }

    /// The body is not JSON, at this octet.
    package static func invalidJSON(at offset: Int) -> RequestValidationError {
        RequestValidationError([ValidationIssue(.notJSON, at: .index(offset))])
    }

    /// The first thing that is wrong, and where.
    package var summary: String {
        guard let issue = issues.first else { return "it is not well formed" }
        let place = issue.loc.dropFirst().compactMap { element -> String? in
            switch element {
            case .name(let name): name
            // Of an octet or a list's element, which a person would have to count.
            case .index: nil
            }
        }
        return (place.isEmpty ? "" : place.joined(separator: ".") + ": ") + issue.msg
    }

    /// The API's `HTTPValidationError`. The input, which FastAPI echoes, may hold a secret and is left out.
    package var json: [UInt8] { json(nil) }

    /// - Parameter documentation: describes the first mistake; its URL stands beside the list.
    func json(_ documentation: ErrorDocumentation?) -> [UInt8] {
        JSONOutput.object(capacity: 16 + 96 * issues.count) { output in
            output.array("detail") { detail in
                for issue in issues { detail.object { item in issue.write(to: &item) } }
            }
            guard let documentation, let first = issues.first else { return }
            output.member("documentation", documentation.url(of: first.type))
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
