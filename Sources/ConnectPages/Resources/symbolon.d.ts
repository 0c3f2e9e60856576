/** What a connection is called. Your server reads the rest from the API. */
export interface Connected {
    connectionID: string;
    integrationID: string;
}

export interface ConnectError {
    /** Stable, for programs: an `error_code` of the API, `unreachable` or `popup_blocked`. */
    code: string;
    /** For people, in the page's language. */
    message: string;
    integrationID?: string;
}

export interface ConnectPage {
    /** Closes the window, or removes the frame. */
    close(): void;
}

interface Callbacks {
    /** After each connection that was made or renewed. */
    onConnected?(connected: Connected): void;
    onError?(error: ConnectError): void;
    /** Once, when the page is gone. */
    onClosed?(): void;
    /** `en`, `de`, `es`, `fr` or `ja`; the browser's own by default. */
    language?: string;
    /** Where a frame is put. Without it the page gets a window, so call `open` from a click. */
    container?: HTMLElement;
    /** The frame's name for screen readers. */
    title?: string;
}

/** The `connect_url` that `POST /api/v1/connect/sessions` gave to your server. */
export interface WithURL extends Callbacks {
    connectURL: string;
}

/** Its `token`, with the address of the page: `https://SERVICE/connect/WORKSPACE_ID`. */
export interface WithToken extends Callbacks {
    sessionToken: string;
    pageURL: string;
}

/** Opens the page on which a user connects accounts. */
export function open(options: WithURL | WithToken): ConnectPage;
