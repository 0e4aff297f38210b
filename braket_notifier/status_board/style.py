"""Light and dark styles of the status board, limited to its own classes because a dashboard is one document."""

LIGHT = (
    "--ink:#16191f;--soft:#5a6472;--faint:#8a94a3;--line:#e6e9ee;--track:#eef1f5;--link:#0b5cad;--created:#d3dbe6;"
    "--queued:#a9b8cd;--running:#3b82d6;--cancelling:#d9962b;--near:#d4553a;--other:#8f84c9;--bad:#c62f3d;--bad-paper:#fdecee;"
    "--good:#23794a;--good-paper:#e9f6ee;--warn:#8a5a00;--warn-paper:#fdf3dd;--chip:#f1f3f6"
)
DARK = (
    "--ink:#e6e8eb;--soft:#a4adba;--faint:#7b8593;--line:#2c333d;--track:#262d36;--link:#6cb2f5;--created:#46505e;"
    "--queued:#66748a;--running:#4a97ea;--cancelling:#e0a445;--near:#f07f5c;--other:#a398dc;--bad:#ff8d97;--bad-paper:#42222a;"
    "--good:#79d3a0;--good-paper:#1c3528;--warn:#eec06b;--warn-paper:#3a2f18;--chip:#262d36"
)
STYLE = (
    f".bn-board{{{LIGHT};color:var(--ink);font:14px/1.4 'Amazon Ember','Helvetica Neue',Roboto,'Noto Sans',"
    "'Liberation Sans',Arial,sans-serif;font-variant-numeric:tabular-nums;padding:4px 8px 12px;text-align:left}"
    f".bn-dark{{{DARK}}}"
    f"@media (prefers-color-scheme:dark){{.bn-auto{{{DARK}}}}}"
    ".bn-board *{box-sizing:border-box}"
    ".bn-board a{color:var(--link);text-decoration:none}.bn-board a:hover{text-decoration:underline}"
    ".bn-board small{display:block;font-size:12px;color:var(--soft);font-weight:400}"
    ".bn-head{display:flex;flex-wrap:wrap;align-items:flex-end;justify-content:space-between;gap:10px 24px;"
    "padding:4px 0 14px;border-bottom:1px solid var(--line)}"
    ".bn-count{font-size:17px;line-height:1.2}.bn-count b{font-size:30px;font-weight:600;letter-spacing:-.02em}"
    ".bn-count small{margin-top:3px;font-size:13px}"
    ".bn-facts{display:flex;flex-wrap:wrap;gap:6px}"
    ".bn-fact{padding:3px 10px;border-radius:99px;background:var(--chip);color:var(--soft);font-size:13px}"
    ".bn-fact.bn-good{background:var(--good-paper);color:var(--good)}"
    ".bn-fact.bn-warn{background:var(--warn-paper);color:var(--warn)}"
    ".bn-fact.bn-bad{background:var(--bad-paper);color:var(--bad);font-weight:600}"
    ".bn-board small .bn-bad{color:var(--bad)}.bn-soft{color:var(--soft)}"
    ".bn-columns{display:grid;grid-template-columns:minmax(0,1.55fr) minmax(0,1fr);gap:0 40px}"
    ".bn-narrow .bn-columns{grid-template-columns:minmax(0,1fr)}"
    ".bn-board h3{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:2px 16px;"
    "margin:18px 0 4px;font-size:13px;font-weight:600;color:var(--soft)}"
    ".bn-legend{display:flex;gap:12px;font-size:12px;font-weight:400;color:var(--faint)}"
    ".bn-legend i{display:inline-block;width:9px;height:9px;margin-right:5px;border-radius:3px}"
    ".bn-row{display:flex;align-items:center;gap:14px;padding:7px 0;border-top:1px solid var(--line)}"
    ".bn-board h3+.bn-row{border-top:0}"
    ".bn-name{flex:1 1 0;min-width:0;overflow-wrap:anywhere}"
    ".bn-many{flex:none;width:52px;text-align:right;font-size:17px;font-weight:600}"
    ".bn-drawn{flex:1.1 1 0;min-width:60px}.bn-right{flex:1 1 0;min-width:0;overflow-wrap:anywhere}"
    ".bn-bar+small{margin-top:4px}.bn-bar{display:block;width:100%;height:9px;border-radius:5px;background:var(--track)}"
    ".bn-time{flex:none;width:52px;color:var(--faint);font-size:12px}"
    ".bn-mark{flex:none;width:20px;text-align:center}.bn-said{flex:1;min-width:0;overflow-wrap:anywhere}"
    ".bn-said small{display:inline;margin-left:6px}.bn-row:has(.bn-mark){gap:8px;padding:5px 0}"
    ".bn-empty,.bn-more{margin:6px 0;color:var(--soft)}.bn-more{font-size:12px}"
    + "".join(
        f".bn-{status}{{background:var(--{status});fill:var(--{status})}}"
        for status in ("created", "queued", "running", "cancelling", "near", "other")
    )
    + "@media (max-width:820px){.bn-columns{grid-template-columns:minmax(0,1fr)}}"
)
