/** Opens a connect page, in a window of its own or in a frame, and says what came of it. */
export function open(options) {
    const { sessionToken, container, onConnected, onError, onClosed } = options;
    const url = new URL(options.connectURL ?? options.pageURL);
    if (sessionToken) url.hash = sessionToken;
    if (options.language) url.searchParams.set("lang", options.language);
    let isReady = false;
    let isOver = false;
    let frame;
    let target;

    const close = () => {
        if (isOver) return;
        isOver = true;
        clearInterval(timer);
        removeEventListener("message", hear);
        if (frame) frame.remove();
        else if (target && !target.closed) target.close();
        onClosed?.();
    };
    // Only the page itself is heard: its window, and its origin.
    const hear = ({ data, origin, source }) => {
        if (source !== target || origin !== url.origin || !data) return;
        const { connectionID, integrationID, code, message } = data;
        if (data.symbolon === "ready") isReady = true;
        else if (data.symbolon === "connected") onConnected?.({ connectionID, integrationID });
        else if (data.symbolon === "error") onError?.({ code, message, integrationID });
        else if (data.symbolon === "close") close();
    };

    addEventListener("message", hear);
    if (container) {
        frame = document.createElement("iframe");
        frame.src = url.href;
        frame.title = options.title ?? "Connect";
        frame.style.cssText = "width:100%;height:100%;min-height:32rem;border:0";
        container.append(frame);
        target = frame.contentWindow;
    } else {
        target = window.open(url.href, "", "popup,width=620,height=820");
        if (!target) {
            removeEventListener("message", hear);
            onError?.({ code: "popup_blocked", message: "The browser did not open a window." });
            return { close() {} };
        }
    }
    const timer = setInterval(() => {
        if (frame ? !frame.isConnected : target.closed) close();
        // The page answers origins that its workspace lists. The first words say nothing but which origin this is.
        else if (!isReady) target.postMessage({ symbolon: "hello" }, url.origin);
    }, 200);
    return { close };
}
