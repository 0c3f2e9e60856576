/// The one style element of a page.
package struct StyleSheet: Sendable {
    let text: String
    /// As a content security policy names it.
    let hash: String

    private init(_ text: String) {
        self.text = text
        hash = ContentHash.source(of: text)
    }

    /// For pages that say one thing: small, for whoever sends rubbish gets one.
    package static let message = StyleSheet(common)
    /// For the page at `/`.
    static let home = StyleSheet("\(common)\n\(homeParts)\n\(FlowPicture.style)")

    private static let common = """
        :root{
        --paper:#f5f3ee;--card:#fff;--ink:#1d1c1a;--quiet:#5d5952;--line:#dcd7cc;--edge:#8d877b;--accent:#7a4b12;
        --field:#f5f3ee;--good:#17683c;--bad:#a3271c;--button:#7a4b12;--button-ink:#fff;
        color-scheme:light dark}
        @media (prefers-color-scheme:dark){:root{
        --paper:#161513;--card:#211f1c;--ink:#efece6;--quiet:#b3ada2;--line:#3b3833;--edge:#857f74;--accent:#e3ad66;
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

    private static let homeParts = """
        @media (forced-colors:active){.bar span,.legend li::before{forced-color-adjust:none}}
        .wide{max-width:76rem}
        .unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);
        white-space:nowrap}
        [hidden]{display:none!important}
        .columns>div>section:first-child>h2{margin-top:.5rem}
        @media (min-width:60rem){.columns{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:2.5rem}}
        label{display:block;margin:.75rem 0 .25rem;font-weight:600}
        input{width:100%;min-height:2.75rem;padding:.4rem .75rem;border:1px solid var(--edge);border-radius:.5rem;
        background:var(--field);color:var(--ink);font:inherit}
        input:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--accent);
        outline-offset:2px}
        input+p{margin-top:.25rem}
        .choice{display:flex;align-items:center;gap:.6rem;font-weight:400}
        .choice input{flex:none;width:1.5rem;min-height:1.5rem;accent-color:var(--button)}
        ::placeholder{color:var(--quiet);opacity:1}
        .problem{margin:.75rem 0 0;color:var(--bad);font-weight:600}
        .entries{padding:0;list-style:none}
        .entries>li{margin:0;border-bottom:1px solid var(--line)}
        .entries summary,.rows>li{display:flex;flex-wrap:wrap;align-items:center;gap:.1rem .6rem;min-height:2.9rem;
        padding:.4rem .25rem}
        summary{cursor:pointer}
        .entries summary::before{content:"";width:.5rem;height:.5rem;margin:0 .25rem;border:solid var(--quiet);
        border-width:0 2px 2px 0;transform:rotate(-45deg)}
        .entries details[open]>summary::before{transform:rotate(45deg)}
        .label{font-weight:600}
        .entries>li>details>summary{flex-wrap:nowrap}
        .names{display:flex;flex:1;flex-wrap:wrap;align-items:baseline;gap:0 .6rem;min-width:0}
        .badge{flex:none;margin-left:auto;padding:.05rem .6rem;border:1px solid var(--edge);border-radius:1rem;
        color:var(--quiet);font-size:.8125rem}
        .ready.badge{border-color:var(--good);color:var(--good)}
        .entries form,.registration{padding:.25rem .25rem 1.25rem 1.4rem}
        .entries .answers{margin-top:1rem}
        .entries .inner summary,.steps summary{display:inline-block;min-height:1.9rem;padding:.15rem 0;
        color:var(--accent)}
        .entries .inner summary::before{content:none}
        .copyable{position:relative}
        .copyable pre{padding-right:5.5rem}
        button.plain{position:absolute;top:.4rem;right:.4rem;min-height:2rem;padding:.1rem .7rem;border-width:1px;
        background:var(--card);color:var(--accent);font-size:.875rem}
        .steps{padding:0;list-style:none;counter-reset:step}
        .steps>li{position:relative;margin:0;padding:0 0 1.1rem 2.9rem;counter-increment:step}
        .steps>li::before{content:counter(step);position:absolute;left:0;top:0;width:1.9rem;height:1.9rem;
        border-radius:50%;background:var(--button);color:var(--button-ink);font-weight:700;line-height:1.9rem;
        text-align:center}
        .steps>li:not(:last-child)::after{content:"";position:absolute;left:.9rem;top:2.2rem;bottom:.3rem;
        border-left:2px solid var(--line)}
        .steps h3{margin:0 0 .2rem;padding-top:.2rem}
        .steps p{margin:0 0 .35rem}
        .steps .waits::before{background:transparent;border:2px dashed var(--accent);color:var(--accent);
        line-height:1.65rem}
        .steps .failed::before{content:"!";background:var(--bad);color:var(--card)}
        .steps .ends::before{background:var(--good);color:var(--card)}
        .scrolls{margin:.4rem 0 .75rem;overflow-x:auto}
        table{width:100%;border-collapse:collapse;font-size:.9375rem}
        caption{padding:.2rem 0;color:var(--quiet);font-size:.875rem;text-align:left;overflow-wrap:anywhere}
        th,td{padding:.35rem .6rem .35rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top}
        th{width:30%;font-weight:600}
        .meaning{display:block;color:var(--quiet);font-size:.875rem}
        .bar{display:flex;height:1.5rem;margin:.6rem 0 .4rem;gap:2px}
        .bar span{flex:1 1 0;min-width:4px;border-radius:2px}
        .legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;margin:0 0 .4rem;padding:0;list-style:none;
        font-size:.875rem}
        .legend li{display:flex;align-items:center;gap:.35rem;margin:0}
        .legend li::before{content:"";width:.8rem;height:.8rem;border-radius:2px}
        .bar .part-0,.legend .part-0::before{background:var(--ink)}
        .bar .part-1,.legend .part-1::before{background:var(--good)}
        .bar .part-2,.legend .part-2::before{background:var(--edge)}
        .bar .part-3,.legend .part-3::before{background:var(--button)}
        .bar .part-4,.legend .part-4::before{background:var(--quiet)}
        figure{margin:0}
        .foot{margin-top:1.5rem}
        .picture{display:block;width:100%;max-width:30rem;height:auto}
        @media (max-width:40rem){.steps>li{padding-left:2.5rem}tr,th,td{display:block;width:auto}
        th{padding-bottom:0}td{padding-top:0;border:0}}
        @media (max-width:30rem){.entries form,.registration{padding-left:.25rem}}
        """
}
