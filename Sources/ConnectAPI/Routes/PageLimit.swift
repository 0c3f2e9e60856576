/// How many entries a page of a list may have at most: the `limit` of a query.
struct PageLimit {
    static let values = 1...1000

    let value: Int
    /// What is wrong with the text that was sent.
    let issue: ValidationIssue?

    init(_ text: Substring?) {
        guard let text else {
            self.init(100, nil)
            return
        }
        guard let value = Int(text) else {
            self.init(
                100,
                Self.issue(
                    "Input should be a valid integer, unable to parse string as an integer", "int_parsing"))
            return
        }
        if value < Self.values.lowerBound {
            self.init(
                value, Self.issue("Input should be greater than or equal to 1", "greater_than_equal"))
        } else if value > Self.values.upperBound {
            self.init(value, Self.issue("Input should be less than or equal to 1000", "less_than_equal"))
        } else {
            self.init(value, nil)
        }
    }

    private init(_ value: Int, _ issue: ValidationIssue?) {
        self.value = value
        self.issue = issue
    }

    private static func issue(_ msg: String, _ type: String) -> ValidationIssue {
        ValidationIssue(loc: [.name("query"), .name("limit")], msg: msg, type: type)
    }
}

extension RequestValidationError {
    /// The `cursor` of a query is none that this service gave out.
    static let badCursor = RequestValidationError([
        ValidationIssue(
            loc: [.name("query"), .name("cursor")],
            msg: "This cursor was not given out; start without one", type: "invalid_cursor")
    ])
}
