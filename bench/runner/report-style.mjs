/** How the report looks. Three colours carry meaning: ours, the peers, and the base that ratios are taken against. */
export const css = `
:root { --paper:#fbfaf8; --card:#fff; --ink:#1b1a19; --soft:#6a6560; --line:#e6e1db; --ours:#c2410c; --peer:#a8b0b8; --base:#3f6b8a; }
@media (prefers-color-scheme: dark) { :root { --paper:#151413; --card:#1e1c1b; --ink:#f1ece6; --soft:#a39c94; --line:#35312e; --ours:#fb923c; --peer:#5d666e; --base:#7fb2d6; } }
* { box-sizing:border-box }
body { margin:0; background:var(--paper); color:var(--ink); font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif; -webkit-font-smoothing:antialiased }
header,main,footer,nav { max-width:1080px; margin:0 auto; padding:0 24px }
header { padding-top:56px }
.brand { margin:0; color:var(--ours); font-weight:650; letter-spacing:.02em }
h1 { margin:4px 0 12px; font-size:clamp(28px,5vw,42px); line-height:1.12; letter-spacing:-.02em; text-wrap:balance }
.lead { max-width:68ch; color:var(--soft); margin:0 0 24px } .lead b { color:var(--ink) }
.facts { display:grid; grid-template-columns:repeat(auto-fit,minmax(180px,1fr)); gap:12px 24px; margin:0; padding:16px 0; border-block:1px solid var(--line); font-size:14px }
.facts dt { color:var(--soft) } .facts dd { margin:0 }
nav { display:flex; flex-wrap:wrap; gap:8px; padding-top:20px; padding-bottom:8px }
nav a { color:var(--ink); text-decoration:none; font-size:13px; border:1px solid var(--line); border-radius:999px; padding:4px 12px; background:var(--card) }
nav a:hover, nav a:focus-visible { border-color:var(--ours); color:var(--ours) }
main { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr)); gap:20px; padding-top:16px; align-items:start }
section { background:var(--card); border:1px solid var(--line); border-radius:14px; padding:22px 22px 14px; min-width:0; scroll-margin-top:16px }
h2 { font-size:17px; line-height:1.3; margin:0; letter-spacing:-.005em; text-wrap:balance }
.figure { margin:2px 0 12px; color:var(--soft); font-size:14px }
svg { display:block; width:100%; height:auto; overflow:visible; font-size:13px }
svg text { fill:var(--ink); dominant-baseline:central }
.wire,.ratio { fill:var(--soft); font-size:12px } .value { font-variant-numeric:tabular-nums }
.peer rect { fill:var(--peer) } .ours rect { fill:var(--ours) } .base rect { fill:var(--base) }
.ours .name,.ours .value { font-weight:650 } .ours tspan { font-weight:400 }
.range { stroke:var(--ink); stroke-width:1; opacity:.55; fill:none } .axis { stroke:var(--line); fill:none }
details { margin-top:10px; font-size:13px } summary { cursor:pointer; color:var(--soft); padding:6px 0 }
.scroll { overflow-x:auto } table { border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums }
th,td { padding:5px 8px; text-align:right; border-top:1px solid var(--line); white-space:nowrap; font-weight:400 }
thead th { color:var(--soft); white-space:normal; vertical-align:bottom; border-top:0 } th:first-child { text-align:left; padding-left:0 }
.failed { color:var(--soft); font-size:13px; margin:4px 0 }
footer { padding-top:40px; padding-bottom:64px; color:var(--soft); font-size:14px } footer h2 { color:var(--ink); margin-bottom:10px }
footer dl { display:grid; grid-template-columns:repeat(auto-fit,minmax(260px,1fr)); gap:8px 24px; margin:0 0 20px } footer dt { color:var(--ink); font-weight:600 } footer dd { margin:0 }
`;
