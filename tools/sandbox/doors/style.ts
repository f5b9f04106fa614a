/** One style for the sandbox's few pages; nothing is loaded from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --line: #d8dde3; --quiet: #5b6570; --accent: #0a5d4e; --ground: #f6f7f8; --sheet: #fff; --ink: #14181c; }
@media (prefers-color-scheme: dark) { :root { --line: #333a41; --quiet: #a2adb8; --accent: #5cc9b2; --ground: #14181c; --sheet: #1d2329; --ink: #eef1f4; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; }
h2 { margin: 1rem 0 .25rem; font-size: .875rem; color: var(--quiet); }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
input, select { font: inherit; padding: .35rem .5rem; border: 1px solid var(--line); border-radius: .35rem; background: var(--sheet); color: inherit; min-width: 16rem; }
button, .button { display: inline-block; font: inherit; text-decoration: none; padding: .4rem 1rem; border: 1px solid var(--accent); border-radius: .35rem; background: var(--accent); color: var(--ground); cursor: pointer; }
button.second { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); font-size: .875rem; }
.empty { padding: 3rem 0; text-align: center; color: var(--quiet); }
details { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; margin-bottom: .5rem; padding: 0 1rem; }
summary { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .75rem 0; cursor: pointer; align-items: baseline; }
summary strong { flex: 1 1 18rem; overflow-wrap: anywhere; }
summary span { overflow-wrap: anywhere; }
summary time { color: var(--quiet); font-variant-numeric: tabular-nums; font-size: .875rem; }
iframe { width: 100%; height: 28rem; border: 1px solid var(--line); border-radius: .35rem; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 1rem; padding: .75rem; border: 1px solid var(--line); border-radius: .35rem; font-size: .875rem; }
.card { max-width: 28rem; margin: 10vh auto; padding: 2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; }
.card form { display: grid; gap: 1rem; justify-items: start; }
.card label { display: grid; gap: .25rem; width: 100%; color: var(--quiet); font-size: .875rem; }
.card input, .card select { width: 100%; min-width: 0; color: var(--ink); font-size: 1rem; }
.amount { margin: 0; font-size: 1.75rem; font-variant-numeric: tabular-nums; }
.buttons { display: flex; gap: .75rem; }
`;
