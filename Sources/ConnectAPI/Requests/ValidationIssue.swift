/// One thing that is wrong with a request's form: the API's `ValidationError`, with its names.
package struct ValidationIssue: Equatable, Sendable {
    /// A step on the way to the place.
    package enum LocationElement: Equatable, Sendable {
        case name(String)
        case index(Int)
    }

    package let loc: [LocationElement]
    package let msg: String
    package let type: String

    package init(loc: [LocationElement], msg: String, type: String) {
        self.loc = loc
        self.msg = msg
        self.type = type
    }
}

extension ValidationIssue {
    /// What Pydantic finds wrong with a value, in its words.
    package enum Fault: Equatable, Sendable {
        case missing
        case notString
        /// A lone surrogate is among the characters.
        case notUnicode
        case notInteger
        case notBoolean
        case notList
        case notDictionary
        case notRequest
        /// Of a request that FastAPI does not know, with what to do.
        case notSentAsJSON
        case notJSON

        var msg: String {
            switch self {
            case .missing: "Field required"
            case .notString: "Input should be a valid string"
            case .notUnicode: "Input should be a valid string, unable to parse raw data as a unicode string"
            case .notInteger: "Input should be a valid integer"
            case .notBoolean: "Input should be a valid boolean"
            case .notList: "Input should be a valid list"
            case .notDictionary: "Input should be a valid dictionary"
            case .notRequest: "Input should be a valid dictionary or object to extract fields from"
            case .notSentAsJSON:
                "Input should be a valid dictionary or object to extract fields from: send "
                    + "Content-Type: application/json"
            case .notJSON: "JSON decode error"
            }
        }

        var type: String {
            switch self {
            case .missing: "missing"
            case .notString: "string_type"
            case .notUnicode: "string_unicode"
            case .notInteger: "int_type"
            case .notBoolean: "bool_type"
            case .notList: "list_type"
            case .notDictionary: "dict_type"
            case .notRequest: "model_attributes_type"
            case .notSentAsJSON: "model_attributes_type"
            case .notJSON: "json_invalid"
            }
        }
    }

    /// A fault somewhere in the body.
    package init(_ fault: Fault, at place: LocationElement...) {
        self.init(loc: [.name("body")] + place, msg: fault.msg, type: fault.type)
    }
}
