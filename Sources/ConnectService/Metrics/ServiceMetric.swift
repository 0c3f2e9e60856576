/// The metrics that the service keeps, by their names.
package enum ServiceMetric: String, Sendable, CaseIterable {
    case initiates = "symbolon_initiates_total"
    case callbacks = "symbolon_callbacks_total"
    case completions = "symbolon_completions_total"
    case exchanges = "symbolon_exchanges_total"
    case exchangeDuration = "symbolon_exchange_duration_seconds"
    case connections = "symbolon_connections_made_total"
    case refreshes = "symbolon_refreshes_total"
    case refreshDuration = "symbolon_refresh_duration_seconds"
    case credentialReads = "symbolon_credential_reads_total"
    case updates = "symbolon_updates_total"
    case disconnects = "symbolon_disconnects_total"
    case accessRefusals = "symbolon_access_refusals_total"
    case callbacksOpened = "symbolon_callbacks_opened_total"
    case ticketsIssued = "symbolon_tickets_issued_total"
    case ticketRefusals = "symbolon_ticket_refusals_total"
    case callbackRefusals = "symbolon_callback_refusals_total"
    case keyringReloads = "symbolon_keyring_reloads_total"
    case logLinesLost = "symbolon_log_lines_lost_total"

    /// One sentence, as scrapers get it.
    package var help: String {
        switch self {
        case .initiates: "Flows begun, or not."
        case .callbacks: "Callbacks from providers, by how they ended."
        case .completions: "Flows completed by apps' servers in confirm mode, or not."
        case .exchanges: "Authorization codes sent to token endpoints."
        case .exchangeDuration: "From the claim of a flow to the end of its exchange."
        case .connections: "Connections made or renewed, by how their flow was bound to its user."
        case .refreshes: "Refresh tokens sent to token endpoints."
        case .refreshDuration: "How long refreshes took."
        case .credentialReads: "Credentials handed out."
        case .updates: "Connections changed on request."
        case .disconnects: "Connections deleted."
        case .accessRefusals: "Requests without a credential that permits them."
        case .callbacksOpened: "States that a key opened."
        case .callbackRefusals: "Callbacks that led nowhere, and the disabled key that they named."
        case .ticketsIssued: "Tickets handed to apps in confirm mode."
        case .ticketRefusals: "Tickets that completed nothing."
        case .keyringReloads: "What came of a keyring's file."
        case .logLinesLost: "Log lines that were not written."
        }
    }
}
