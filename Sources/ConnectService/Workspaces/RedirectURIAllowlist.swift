internal import Encodings

/// Why a redirect URI is not accepted.
package enum RedirectURIRejection: Error, Equatable {
    /// Not one that users may be sent to: it could stand in no list.
    case invalid(RedirectURIError)
    /// A proper one, which the workspace does not list.
    case notListed
}

/// The redirect URIs of a workspace. A candidate is allowed if it is one of them, character by character; if it leads to
/// the machine itself, its port does not matter (RFC 8252 §7.3).
package struct RedirectURIAllowlist: Sendable, Equatable {
    private let texts: Set<String>
    private let loopbackForms: Set<String>
    private let allowsEveryLoopback: Bool

    package init(_ uris: [RedirectURI]) {
        texts = Set(uris.map(\.text))
        loopbackForms = Set(uris.compactMap(\.loopbackForm))
        allowsEveryLoopback = false
    }

    private init(allowsEveryLoopback: Bool) {
        texts = []
        loopbackForms = []
        self.allowsEveryLoopback = allowsEveryLoopback
    }

    /// Whatever leads to the machine itself: for development.
    package static let everyLoopback = RedirectURIAllowlist(allowsEveryLoopback: true)

    package var isEmpty: Bool { texts.isEmpty && !allowsEveryLoopback }

    package func allows(_ text: String) -> Bool {
        // Swift compares strings by canonical equivalence: a KELVIN SIGN would pass for a `K`.
        guard text.utf8.span.isASCII else { return false }
        if texts.contains(text) { return true }
        guard allowsEveryLoopback || !loopbackForms.isEmpty else { return false }
        do throws(RedirectURIError) {
            guard let form = try RedirectURI(text).loopbackForm else { return false }
            return allowsEveryLoopback || loopbackForms.contains(form)
        } catch {
            return false
        }
    }

    /// A listed URI is valid: why another one is rejected is looked up only when it is.
    func check(_ text: String) throws(RedirectURIRejection) {
        guard !allows(text) else { return }
        do throws(RedirectURIError) {
            _ = try RedirectURI(text)
        } catch {
            throw .invalid(error)
        }
        throw .notListed
    }
}
