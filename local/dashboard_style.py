"""How the dashboard's page looks, light and dark, beside a status board that brings its own style."""

LIGHT = (
    "--ink:#16191f;--soft:#5a6472;--faint:#8a94a3;--line:#e6e9ee;--paper:#fff;--c0:#3b82d6;--c1:#d9962b;--c2:#8f84c9;"
    "--c3:#2f9a6b;--good:#23794a;--good-paper:#e9f6ee;--bad:#c62f3d;--bad-paper:#fdecee;--chip:#f1f3f6"
)
DARK = (
    "--ink:#e6e8eb;--soft:#a4adba;--faint:#7b8593;--line:#2c333d;--paper:#1a212a;--c0:#4a97ea;--c1:#e0a445;--c2:#a398dc;"
    "--c3:#5dc496;--good:#79d3a0;--good-paper:#1c3528;--bad:#ff8d97;--bad-paper:#42222a;--chip:#262d36"
)
STYLE = (
    f".cw{{{LIGHT};color:var(--ink);font:14px/1.4 'Amazon Ember','Helvetica Neue',Roboto,'Noto Sans','Liberation Sans',"
    "Arial,sans-serif;font-variant-numeric:tabular-nums;padding:0 8px}"
    f".cw-dark{{{DARK}}}"
    f"@media(prefers-color-scheme:dark){{.cw-auto{{{DARK}}}}}"
    ".cw h1{margin:8px 0 2px;font-size:22px;font-weight:600;letter-spacing:-.01em}"
    ".cw p{margin:0 0 16px;color:var(--soft);font-size:13px}"
    ".cw-fields{display:grid;grid-template-columns:repeat(24,minmax(0,1fr));gap:14px}"
    ".cw section{padding:12px 16px 8px;border:1px solid var(--line);border-radius:10px;background:var(--paper)}"
    ".cw h2{margin:0 0 6px;font-size:14px;font-weight:600}"
    ".cw-alarms{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:8px;padding:2px 0 6px}"
    ".cw-alarms div{padding:7px 12px;border-radius:8px;background:var(--chip);color:var(--soft);font-size:12px}"
    ".cw-alarms b{display:block;font-size:13px;font-weight:600}"
    ".cw-alarms .cw-ok{background:var(--good-paper);color:var(--good)}"
    ".cw-alarms .cw-rings{background:var(--bad-paper);color:var(--bad)}"
    ".cw-legend{display:flex;flex-wrap:wrap;gap:2px 18px;min-height:18px;color:var(--soft);font-size:12px}"
    ".cw-legend i{display:inline-block;width:9px;height:9px;margin-right:6px;border-radius:3px;background:var(--c)}"
    ".cw-plot{position:relative}.cw-chart{display:block;width:100%}"
    ".cw .cw-empty{position:absolute;inset:0 0 18%;display:grid;place-items:center;margin:0;color:var(--faint)}"
    ".cw-chart text{fill:var(--faint);font-size:11px}.cw-rule{stroke:var(--line)}"
    ".cw-line path{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}.cw-line circle{fill:var(--c)}"
    + "".join(f".cw-{number}{{--c:var(--c{number})}}" for number in range(4))
    + "@media(max-width:820px){.cw section{grid-column:1/-1!important}"
    ".cw-alarms{grid-template-columns:repeat(2,minmax(0,1fr))}}"
)
