/// What the documentation of a provider with many products says of the requests of them all.
extension DocumentedEntry {
    static let googleProducts: [DocumentedEntry] = [
        "firebase", "gmail", "google-ads", "google-analytics", "google-bigquery", "google-business-profile",
        "google-calendar", "google-chat", "google-classroom", "google-cloud", "google-cloud-storage",
        "google-contacts", "google-docs", "google-drive", "google-forms", "google-meet",
        "google-merchant-center", "google-photos", "google-search-console", "google-sheets",
        "google-slides", "google-tag-manager", "google-tasks", "google-workspace-admin", "youtube",
        "youtube-analytics",
    ].map(googleProduct)

    private static func googleProduct(_ id: String) -> DocumentedEntry {
        DocumentedEntry(
            id: id, authorization: "https://accounts.google.com/o/oauth2/v2/auth",
            token: "https://oauth2.googleapis.com/token",
            fixed: ["access_type": "offline", "prompt": "consent"], required: ["openid", "email"],
            hasNonce: true)
    }

    static let microsoftProducts: [DocumentedEntry] =
        [
            "azure-devops", "azure-management", "business-central", "microsoft", "microsoft-ads",
            "microsoft-entra", "microsoft-excel", "microsoft-planner", "microsoft-teams", "microsoft-to-do",
            "onedrive", "onenote", "outlook", "outlook-calendar", "outlook-contacts", "power-bi",
            "sharepoint",
        ].map { microsoftProduct($0, host: "login.microsoftonline.com") }
        + [
            microsoftProduct("microsoft-china", host: "login.partner.microsoftonline.cn"),
            microsoftProduct("microsoft-us-government", host: "login.microsoftonline.us"),
        ]

    private static func microsoftProduct(_ id: String, host: String) -> DocumentedEntry {
        DocumentedEntry(
            id: id, authorization: "https://\(host)/acme.example/oauth2/v2.0/authorize",
            token: "https://\(host)/acme.example/oauth2/v2.0/token", parameters: ["tenant": "acme.example"],
            fixed: ["response_mode": "query"], required: ["openid", "profile", "email", "offline_access"],
            hasNonce: true)
    }
}
