import Encodings

/// What Nango calls things, and what they are called here, where the two differ.
struct NangoNames: Equatable {
    /// Integrations, by Nango's `provider_config_key`.
    var integrations: [String: String] = [:]
    /// Parameters, by their names in Nango's `connection_config`.
    var parameters: [String: String] = [:]
}

/// A connection as Nango's API shows it (`GET /connections/{connectionId}?refresh_token=true`), in the form of an import.
struct NangoConnection {
    /// Why a text is none.
    enum Problem: Error, Equatable {
        case notNango
        case otherCredentials(type: String)

        var sentence: String {
            switch self {
            case .notNango:
                "it is not a connection as Nango's API shows one, with provider_config_key, connection_id and credentials"
            case .otherCredentials(let type):
                "its credentials are of type \(type), and only those of OAUTH2 can move"
            }
        }
    }

    /// An import request, with `external_id` beside its members.
    let json: [UInt8]
    /// The last token response that Nango got for it.
    let response: JSONValue?

    init(_ octets: [UInt8], names: NangoNames) throws(Problem) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue.parse(octets)
        } catch {
            throw .notNango
        }
        guard let key = value["provider_config_key"]?.text, let id = value["connection_id"]?.text,
            let credentials = value["credentials"], let type = credentials["type"]?.text
        else { throw .notNango }
        guard type == "OAUTH2" else { throw .otherCredentials(type: String(type.prefix(40))) }
        response = credentials["raw"]
        var held: [String: JSONValue] = [:]
        held["access_token"] = credentials["access_token"]
        held["refresh_token"] = credentials["refresh_token"]
        held["token_type"] = credentials["raw"]?["token_type"]?.string
        held["scope"] = credentials["raw"]?["scope"]?.string
        held["expires_at"] = credentials["expires_at"].map { $0.withoutFraction }
        let config = value["connection_config"]?.texts ?? [:]
        let tags = value["tags"]?.texts ?? [:]
        let user = value["end_user"]
        var members: [String: JSONValue] = [
            "external_id": .string("nango/\(key)/\(id)"),
            "integration": .string(names.integrations[key] ?? key), "credentials": .object(held),
            "config": .object(
                Dictionary(
                    config.map { (names.parameters[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { $1 })),
            "tags": .object(tags),
        ]
        members["user_id"] = user?["id"]?.string ?? tags["end_user_id"]
        members["label"] = user?["email"]?.string ?? tags["end_user_email"]
        json = JSONValue.object(members).bytes
    }
}

extension JSONValue {
    fileprivate subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// Itself, if it is a text.
    fileprivate var string: JSONValue? { if case .string = self { self } else { nil } }

    /// Those members of an object that are texts, numbers or flags, as texts.
    fileprivate var texts: [String: JSONValue] {
        guard case .object(let members) = self else { return [:] }
        return members.compactMapValues { $0.text.map { .string($0) } }
    }

    /// A time of JavaScript's, in whole seconds. What is no time stays as it is, and is rejected as one.
    fileprivate var withoutFraction: JSONValue {
        guard case .string(let text) = self, text.hasSuffix("Z"), let point = text.firstIndex(of: "."),
            text[text.index(after: point)...].dropLast().allSatisfy(\.isNumber)
        else { return self }
        return .string("\(text[..<point])Z")
    }
}
