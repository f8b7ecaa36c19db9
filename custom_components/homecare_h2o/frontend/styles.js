// @ts-check
/**
 * How the panel looks. Surfaces and text follow Home Assistant's theme; the colours that carry meaning are our own,
 * because they must be told from each other and read (WCAG 2.2 AA) whatever the theme is.
 */

const CSS = `
:host {
  --surface: var(--card-background-color, #fff);
  --ground: var(--primary-background-color, #fafafa);
  --ink: var(--primary-text-color, #212121);
  --quiet: color-mix(in srgb, var(--ink) 72%, var(--surface));
  --edge: color-mix(in srgb, var(--ink) 24%, var(--surface));
  --urgent: #b3261e; --urgent-ink: #fff;
  --normal: #8a4b00; --normal-ink: #fff;
  --technical: #374a5e; --technical-ink: #fff;
  --taken: #0b5d4e; --taken-ink: #fff;
  --accent: #00567d; --accent-ink: #fff;
  --bad: #a3160f; --good: #0b5d4e; --normal-line: #8a4b00;
  display: flex; flex-direction: column; height: 100vh; height: 100dvh; box-sizing: border-box;
  padding: var(--safe-area-inset-top, 0) var(--safe-area-inset-right, 0) 0 var(--safe-area-inset-left, 0);
  background: var(--ground); color: var(--ink);
  font: 16px/1.45 var(--ha-font-family-body, Roboto, Noto, sans-serif);
}
:host([dark]) { --accent: #8fd0f5; --accent-ink: #00283d; --bad: #ffb4ab; --good: #8edcc8; --normal-line: #f3b877; --urgent: #c4312a; --normal: #95560d; }
* { box-sizing: border-box; }
h1, h2, h3, p, ul, ol, dl, dd, fieldset, legend { margin: 0; padding: 0; border: 0; }
ul, ol { list-style: none; }
h1 { font-size: 24px; line-height: 1.2; }
h2 { font-size: 18.4px; line-height: 1.3; }
h3 { font-size: 16px; color: var(--quiet); margin-top: 12px; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

header { display: flex; align-items: center; background: var(--surface); border-bottom: 1px solid var(--edge); min-height: 56px; }
.menu { flex: none; width: 56px; height: 56px; border: 0; background: none; color: inherit; cursor: pointer; }
.menu svg { width: 24px; fill: currentColor; }
nav { display: flex; overflow-x: auto; flex: 1; scrollbar-width: thin; }
.tab { display: flex; align-items: center; gap: 6.4px; min-height: 56px; padding: 0 14.4px; color: var(--ink); text-decoration: none; white-space: nowrap; border-bottom: 4px solid transparent; }
.tab[aria-current] { border-color: var(--accent); font-weight: 700; }
.tab:focus-visible { outline-offset: -4px; }
.count { background: var(--urgent); color: #fff; border-radius: 16px; padding: 0 8.8px; }
.lost { background: #5c1a00; color: #fff; padding: 12px 16px; font-weight: 600; }
main { position: relative; flex: 1; overflow-y: auto; padding: 16px; padding-bottom: calc(16px + var(--safe-area-inset-bottom, 0px)); }
.notice { padding: 32px 16px; text-align: center; font-size: 17.6px; }
.error { color: var(--bad); font-weight: 600; }
.hint, .duty, .missing { color: var(--quiet); }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
.card { background: var(--surface); border: 1px solid var(--edge); border-radius: 12px; padding: 16px; margin-bottom: 12px; overflow-wrap: anywhere; }
.lines, .address { white-space: pre-line; }
.line { display: block; }

.button { display: inline-flex; align-items: center; justify-content: center; min-height: 56px; padding: 8px 16px; border: 2px solid var(--accent); border-radius: 12px; background: var(--surface); color: var(--accent); font: inherit; font-size: 16.8px; font-weight: 700; line-height: 1.2; text-decoration: none; cursor: pointer; text-align: center; }
.button.main, .button.call { background: var(--accent); color: var(--accent-ink); }
.button.sure { background: var(--urgent); border-color: var(--urgent); color: #fff; }
.button[disabled] { opacity: .55; cursor: default; }
.small { min-height: 44px; font-size: 16px; }

.alarms { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); max-width: 1500px; margin: 0 auto; }
.open h1 { margin-bottom: 12px; }
.row { display: grid; grid-template-columns: 1fr auto; gap: 1.6px 12px; padding: 14.4px 16px; margin-bottom: 9.6px; border-radius: 12px; text-decoration: none; background: var(--surface); color: var(--ink); border: 2px solid var(--edge); border-left-width: 12px; }
.row strong { font-size: 20px; }
.age { font-variant-numeric: tabular-nums; font-weight: 700; font-size: 20px; white-space: nowrap; }
.row > span:nth-child(n + 3) { grid-column: 1 / -1; }
.row.urgent { background: var(--urgent); color: var(--urgent-ink); border-color: var(--urgent); }
.row.normal { border-color: var(--normal); }
.row.technical { border-color: var(--technical); }
.row.taken { border-color: var(--taken); }
.row[aria-current] { outline: 3px solid var(--ink); outline-offset: 2px; }
.one .open { display: none; }
.back { display: inline-flex; align-items: center; gap: 6.4px; min-height: 44px; text-decoration: none; font-weight: 600; }
.band { display: grid; grid-template-columns: 1fr auto; gap: 1.6px 12px; padding: 12.8px 16px; border-radius: 12px; margin-bottom: 12px; background: var(--technical); color: var(--technical-ink); }
.band p { grid-column: 1 / -1; }
.band.urgent { background: var(--urgent); color: var(--urgent-ink); }
.band.normal { background: var(--normal); color: var(--normal-ink); }
.band.taken { background: var(--taken); color: var(--taken-ink); }
.who h2 { font-size: 21.6px; }
.who .address { font-size: 19.2px; font-weight: 600; }
.call { margin-top: 12px; width: 100%; }
.response { font-size: 18px; font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 3.2px 12px; }
dt { color: var(--quiet); }
.actions { position: sticky; bottom: calc(-16px - var(--safe-area-inset-bottom, 0px)); margin: 0 -16px; padding: 12px 16px calc(12px + var(--safe-area-inset-bottom, 0px)); background: var(--surface); border-top: 2px solid var(--edge); max-height: 80dvh; overflow-y: auto; }
.actions .main { width: 100%; min-height: 68px; font-size: 21.6px; }
.actions .error { margin-bottom: 8px; }
.others { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.others > * { flex: 1 1 104px; }
.others .main { flex-basis: 192px; }
legend { font-weight: 700; padding-bottom: 6.4px; }
.choices { display: grid; gap: 6px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.choices legend { grid-column: 1 / -1; }
.choice { line-height: 1.2; display: flex; align-items: center; gap: 12px; min-height: 52px; padding: 0 12px; border: 2px solid var(--edge); border-radius: 12px; cursor: pointer; }
.choice:has(:checked) { border-color: var(--accent); font-weight: 700; }
input[type="radio"], input[type="checkbox"] { width: 24px; height: 24px; accent-color: var(--accent); flex: none; }
.check { display: flex; align-items: center; gap: 9.6px; min-height: 48px; }
.field { display: flex; flex-direction: column; gap: 4px; font-weight: 600; }
textarea, select, input[type="date"], input[type="text"], input[type="time"], input[type="number"] { font: inherit; font-weight: 400; color: var(--ink); background: var(--surface); border: 2px solid var(--quiet); border-radius: 10px; padding: 8px 9.6px; min-height: 48px; width: 100%; color-scheme: light; }
:host([dark]) textarea, :host([dark]) select, :host([dark]) input { color-scheme: dark; }
textarea::placeholder { color: var(--quiet); opacity: 1; }
.note .button { margin-top: 8px; }
.timeline li { display: flex; gap: 12px; padding: 4.8px 0; border-bottom: 1px solid var(--edge); }
.timeline li:last-child { border: 0; }
.timeline time { font-variant-numeric: tabular-nums; color: var(--quiet); flex: none; }

.page { max-width: 1500px; margin: 0 auto; }
.page > h1 { margin-bottom: 12px; }
.grid { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 336px), 1fr)); align-items: start; }
.grid .card { margin: 0; }
.card ul { margin: 4px 0; }
.card li + li { margin-top: 4px; }
.filters { display: grid; gap: 9.6px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 160px), 1fr)); align-items: end; }
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 12px; }
.bar > :first-child { margin-right: auto; }
table { width: 100%; border-collapse: collapse; background: var(--surface); }
th, td { text-align: left; padding: 9.6px 12px; border-bottom: 1px solid var(--edge); vertical-align: top; }
th { color: var(--quiet); font-weight: 600; }
td a { display: inline-block; min-height: 24px; font-weight: 600; }
.columns { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.columns > section > h2 { margin-bottom: 8px; }
.item h3 { margin: 0; color: var(--ink); font-size: 16.8px; }
.paths { display: flex; flex-wrap: wrap; gap: 0 24px; }
.item .others { margin-top: 9.6px; }
.between { margin: 16px 0 8px; }
.card details { margin-top: 8px; }
summary { min-height: 44px; padding: 10px 0; cursor: pointer; font-weight: 600; color: var(--accent); }
.changes li { padding: 8px 0; border-bottom: 1px solid var(--edge); }
.changes li:last-child { border: 0; }
.changes .others > * { flex: 0 1 auto; }
.said { border-left: 4px solid var(--edge); padding-left: 8px; margin-top: 4px; }
del { color: var(--quiet); text-decoration: line-through; text-decoration-thickness: 2px; }
ins { text-decoration: none; font-weight: 700; }
dialog { width: min(560px, calc(100vw - 24px)); max-height: calc(100dvh - 24px); overflow-y: auto; padding: 20px; border: 2px solid var(--edge); border-radius: 12px; background: var(--surface); color: var(--ink); overflow-wrap: anywhere; }
dialog::backdrop { background: rgb(0 0 0 / 60%); }
dialog form { display: grid; gap: 12px; }
.what-if { margin-top: 16px; padding-top: 12px; border-top: 2px solid var(--edge); display: grid; gap: 10px; }
.what-if h3 { margin: 0; color: var(--ink); font-size: 18px; }
h4 { margin: 0; font-size: 16px; }
.span { display: grid; grid-template-columns: minmax(64px, 1fr) minmax(96px, auto); gap: 6px; }
.compare td, .compare th { padding: 8px 6px; overflow-wrap: anywhere; }
.latest { display: flex; gap: 8px; grid-column: 1 / -1; max-width: 496px; }
.latest .button { flex: 1; padding: 8px; }
.part { display: grid; gap: 8px 32px; grid-template-columns: minmax(0, 1fr); align-items: start; }
homecare-h2o-bars { display: block; position: relative; min-width: 0; }
homecare-h2o-bars[hidden] { display: none; }
.figures { overflow-wrap: break-word; }
.figures tbody th { color: var(--ink); }
.figures td, .figures th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.figures tr:last-child > * { border-bottom: 0; }

@media (max-width: 700px) {
  main { padding: 8px 12px; }
  .actions { margin: 0 -12px; bottom: -8px; }
  .tab { padding: 0 7px; font-size: 15px; }
  thead { display: none; }
  tr { display: block; padding: 8px 12px; border-bottom: 1px solid var(--edge); }
  td { display: block; padding: 1.6px 0; border: 0; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
  .figures td { text-align: left; }
  .figures tbody th { display: block; padding: 0; border: 0; }
  .figures tr { padding: 8px 0; }
  .figures.narrow thead { display: table-header-group; }
  .figures.narrow tr { display: table-row; }
  .figures.narrow td, .figures.narrow tbody th { display: table-cell; padding: 8px 0 8px 6px; border-bottom: 1px solid var(--edge); text-align: right; font-size: 15px; }
  .figures.narrow thead th { padding: 8px 0 8px 6px; font-size: 15px; }
  .figures.narrow tr > :first-child { padding-left: 0; text-align: left; }
  .figures.narrow td::before { content: none; }
  .compare thead { display: table-header-group; }
  .compare tr { display: table-row; }
  .compare td { display: table-cell; padding: 8px 6px; border-bottom: 1px solid var(--edge); }
}
@media (min-width: 1000px) {
  .alarms.one { grid-template-columns: minmax(288px, 1fr) minmax(0, 2fr); }
  .one .open { display: block; }
  .one .back { display: none; }
  .part { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .part > h2, .part > .hint { grid-column: 1 / -1; }
  .columns.two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; }
  .columns.three { grid-template-columns: repeat(3, minmax(0, 1fr)); align-items: start; }
}
@media (min-width: 1400px) {
  :host { font-size: 18px; }
  .band h1, .band .age { font-size: 38.4px; }
}
`;

export const makeSheet = () => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  return sheet;
};
