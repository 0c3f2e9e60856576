/// A 422 for one field of the body.
///
/// - Parameter place: the way to the field: its name, and an index or a name within it.
func issue(
    _ type: String, _ msg: String, _ place: ValidationIssue.LocationElement...
) -> RequestValidationError {
    RequestValidationError([ValidationIssue(loc: [.name("body")] + place, msg: msg, type: type)])
}

extension ValidationIssue.LocationElement: ExpressibleByStringLiteral {
    package init(stringLiteral name: String) { self = .name(name) }
}
