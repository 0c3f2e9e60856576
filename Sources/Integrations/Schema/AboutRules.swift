/// What people look for an integration by.
package enum IntegrationCategory: String, Sendable, CaseIterable {
    case accounting, advertising, analytics, calendar, commerce, communication, crm
    case customerSuccess = "customer-success"
    case data, design
    case developerTools = "developer-tools"
    case documents
    case eSignature = "e-signature"
    case education, email
    case emailMarketing = "email-marketing"
    case files, finance, forms, health, hr, identity, infrastructure, legal, maps, marketing, media, meetings
    case music, payments, productivity
    case projectManagement = "project-management"
    case sales, scheduling, security, social, spreadsheets, storage, support, telephony, travel, video, other
}

/// Whether an entry's facts are shown by the provider's own page, or by two sources apart from each other.
package enum IntegrationStatus: String, Sendable, CaseIterable {
    case proven, unproven
}

/// What an entry says about itself.
package struct AboutRules: Sendable, Hashable {
    /// Where a client is registered at the provider.
    package let setup: String?
    package let categories: [IntegrationCategory]
    /// Other names that people search for.
    package let aliases: [String]
    /// The integration for which this one is a trial.
    package let sandboxOf: String?
    /// When the facts were last compared with the provider's documentation: `2026-11-28`.
    package let checked: String?
    package let status: IntegrationStatus
}

extension AboutRules {
    /// These are one entry's own, whatever inherits from it.
    static let ownKeys: Set<String> = ["aliases", "sandbox_of"]

    init(_ entry: SectionReader) {
        let section = entry.section("about")
        setup = section.string("setup")
        let texts = section.strings("categories") ?? []
        categories = texts.compactMap(IntegrationCategory.init(rawValue:))
        for text in texts where IntegrationCategory(rawValue: text) == nil {
            let known = IntegrationCategory.allCases.map(\.rawValue)
            section.report(
                "there is no category `\(text.shownAsName)`; use some of: \(known.joined(separator: ", "))",
                "categories")
        }
        aliases = section.strings("aliases") ?? []
        sandboxOf = section.string("sandbox_of")
        checked = section.string("checked")
        status = section.choice("status", of: IntegrationStatus.self) ?? .proven
        if let setup, !Self.isWebPage(setup) {
            section.report("must be a URL that begins with https://", "setup")
        }
        if let checked, !Self.isDate(checked) {
            section.report("must be a date such as 2026-11-28", "checked")
        }
        section.finish()
    }

    private static func isWebPage(_ text: String) -> Bool {
        do throws(ProviderURLError) {
            return try ProviderURL(text, allowsInsecureLoopback: false).isSecure
        } catch {
            return false
        }
    }

    private static func isDate(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy { 0x30...0x39 ~= $0 } }),
            let month = Int(String(decoding: Array(parts[1]), as: UTF8.self)),
            let day = Int(String(decoding: Array(parts[2]), as: UTF8.self))
        else { return false }
        return (1...12).contains(month) && (1...31).contains(day)
    }
}
