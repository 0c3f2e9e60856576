internal import Cryptography
internal import StateTokens

/// The style of every page; there is no other, and no script.
enum StyleSheet {
    /// Its hash, as a content security policy names it: in base64 with padding, which is one character for 32 octets.
    static let hash: String = {
        let characters = Base64URL.encode(SHA256.digest(text.utf8.span).span).utf8.map { octet in
            switch octet {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: octet
            }
        }
        return "'sha256-\(String(decoding: characters, as: UTF8.self))='"
    }()

    static let text = """
        :root{
        --paper:#f5f3ee;--card:#fff;--ink:#1d1c1a;--quiet:#5d5952;--line:#dcd7cc;--accent:#7a4b12;
        --field:#f5f3ee;--good:#17683c;--bad:#a3271c;--button:#7a4b12;--button-ink:#fff;
        color-scheme:light dark}
        @media (prefers-color-scheme:dark){:root{
        --paper:#161513;--card:#211f1c;--ink:#efece6;--quiet:#b3ada2;--line:#3b3833;--accent:#e3ad66;
        --field:#161513;--good:#6fcf97;--bad:#ff9a8d;--button:#e3ad66;--button-ink:#1d1508}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0 auto;max-width:44rem;padding:1.5rem 1rem 3rem;background:var(--paper);color:var(--ink);
        font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
        overflow-wrap:break-word}
        header{display:flex;align-items:center;gap:.6rem;margin:0 0 1rem;font-weight:600;color:var(--accent)}
        .half{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round}
        svg{flex:none;overflow:visible}
        main{padding:1.5rem;background:var(--card);border:1px solid var(--line);
        border-top:4px solid var(--accent);border-radius:.6rem}
        .good main{border-top-color:var(--good)}
        .bad main{border-top-color:var(--bad)}
        h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;text-wrap:balance}
        .good h1{color:var(--good)}
        .bad h1{color:var(--bad)}
        h2{margin:2rem 0 .5rem;font-size:1.1rem;line-height:1.3}
        h3{margin:1rem 0 .25rem;font-size:1rem}
        p,ul,ol,dl,pre{margin:0 0 1rem}
        main>:last-child{margin-bottom:0}
        ul,ol{padding-left:1.4rem}
        li{margin:.25rem 0}
        dl{padding:.75rem 1rem;background:var(--field);border-radius:.4rem}
        dt{color:var(--quiet);font-size:.875rem}
        dd{margin:0}
        dd+dt{margin-top:.6rem}
        code,pre{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        code{overflow-wrap:anywhere}
        pre{padding:.75rem 1rem;background:var(--field);border:1px solid var(--line);border-radius:.4rem;
        white-space:pre-wrap;overflow-wrap:anywhere}
        a{color:var(--accent)}
        a:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        .quiet{color:var(--quiet)}
        .answers{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 0}
        button{flex:1 1 9rem;min-height:2.9rem;padding:.5rem 1.25rem;border:2px solid var(--button);
        border-radius:.5rem;background:var(--button);color:var(--button-ink);font:inherit;font-weight:600;
        cursor:pointer}
        button.no{background:transparent;color:var(--accent)}
        @media (max-width:30rem){body{padding:1rem .6rem 2rem}main{padding:1.1rem}}
        @media (forced-colors:active){.half{stroke:CanvasText}}
        """
}
