// @ts-check
/** Statistik: the figures of a period, counted by the hub, each as a chart and as a table. */

import { barsTemplate } from "./charts.js";
import { html, nothing } from "./lit-html.js";

/** @import { Figure, Statistics, View } from "./types" */
/** @import { Bars, Series } from "./charts.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

const DAY = 86_400_000;
const LATEST = [7, 30, 90];
/** A hundred thousand alarms take the hub some twenty seconds. */
const PATIENCE = 120_000;
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/;

/**
 * A cell as it is read, and as a number for a spreadsheet.
 * @typedef {string | { text: string, value: number | null }} Cell
 * @typedef {{ title: Word, hint?: Word, columns: [Word, string?][], rows: Cell[][], bars: Bars | null, isNarrow: boolean }} Part
 */

/** @type {[keyof Statistics["total"]["answers"], Word, string, Series["hatch"]][]} */
const ANSWERS = [
  ["before", "taken_before", "--good", "none"],
  ["after", "taken_after", "--normal-line", "up"],
  ["unacknowledged", "taken_never", "--bad", "dots"],
  ["waiting", "taken_not_yet", "--quiet", "down"],
];

/** @implements {View} */
export class StatisticsView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    this._choice = this._latest(30);
    /** @type {Statistics | null} */
    this._found = null;
    this._isCounting = false;
    this._error = "";
  }

  open() {
    if (!this._found) this._count();
  }

  leave() {
    // A count that goes on is the hub's: nothing is to be ended.
  }

  /** @param {number} at */
  _day(at) {
    return new Date(at).toLocaleDateString("sv", { timeZone: this._panel.hass.config.time_zone });
  }

  /**
   * The latest days, today included.
   * @param {number} days
   */
  _latest(days) {
    const to = this._day(this._panel.now);
    // From noon, so that a day of 23 or 25 hours is one day.
    return { from: new Date(Date.parse(`${to}T12:00:00Z`) - (days - 1) * DAY).toISOString().slice(0, 10), to };
  }

  async _count() {
    if (this._isCounting) return;
    this._isCounting = true;
    this._error = "";
    this._panel.ask();
    try {
      /** @type {Statistics} */
      const found = await this._panel.send("statistics", this._choice, "not_counted", PATIENCE);
      // The most frequent first, the test alarms last.
      const order = (/** @type {Statistics["by_type"][number]} */ part) => (part.alarm_type === "test" ? -1 : part.number);
      this._found = { ...found, by_type: found.by_type.toSorted((one, other) => order(other) - order(one)) };
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._isCounting = false;
    this._panel.ask();
  }

  /** @param {number} value */
  _number(value, digits = 0) {
    return value.toLocaleString(this._panel.hass.language, { maximumFractionDigits: digits });
  }

  /** @param {number} share */
  _percent(share) {
    return share.toLocaleString(this._panel.hass.language, { style: "percent", maximumFractionDigits: 1 });
  }

  /** @param {number | null} seconds */
  _wait(seconds) {
    return { text: seconds === null ? "–" : this._panel.length(Math.round(seconds) * 1000), value: seconds };
  }

  /** @param {number} value */
  _many(value) {
    return { text: this._number(value), value };
  }

  /** @param {number} share */
  _share(share) {
    return { text: this._percent(share), value: Math.round(share * 1000) / 10 };
  }

  /** @param {number} seconds */
  _minutes(seconds) {
    const minutes = Math.round(seconds / 60);
    return { text: this._panel.length(minutes * 60_000).replace(/^0 s$/, "0 min"), value: minutes };
  }

  // --- what is shown -----------------------------------------------------------------------------

  template() {
    const panel = this._panel;
    const found = this._found;
    return html`
      <div class="page">
        <h1>${panel.text("statistics")}</h1>
        ${this._filters()} ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
        <div aria-busy=${this._isCounting ? "true" : "false"}>
          ${this._isCounting ? html`<p class="notice" role="status">${panel.text("counting")}</p>` : found ? this._told(found) : nothing}
        </div>
      </div>
    `;
  }

  _filters() {
    const panel = this._panel;
    const chosen = (/** @type {Event} */ event) => {
      const field = /** @type {HTMLInputElement} */ (event.target);
      this._choice = { ...this._choice, [field.name]: field.value };
      panel.ask();
    };
    const count = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this._count();
    };
    const isOff = !panel.isOnline || this._isCounting;
    return html`
      <form class="card filters" @change=${chosen} @submit=${count}>
        <div class="latest" role="group" aria-label=${panel.text("statistics")}>
          ${LATEST.map((days) => {
            const period = this._latest(days);
            const isChosen = period.from === this._choice.from && period.to === this._choice.to;
            const choose = () => {
              this._choice = period;
              this._count();
            };
            return html`<button type="button" class="button small ${isChosen ? "main" : ""}" aria-pressed=${isChosen ? "true" : "false"} ?disabled=${isOff} @click=${choose}>
              ${panel.text("latest_days", { days })}
            </button>`;
          })}
        </div>
        <label class="field">${panel.text("from")} <input type="date" name="from" required .value=${this._choice.from} /></label>
        <label class="field">${panel.text("to")} <input type="date" name="to" required .value=${this._choice.to} /></label>
        <button class="button" ?disabled=${isOff}>${panel.text("show")}</button>
      </form>
    `;
  }

  /** The period of the figures, which may not be what is chosen by now. @param {Statistics} found */
  _period(found) {
    return { from: found.from.slice(0, 10), to: this._day(Date.parse(found.to) - 1) };
  }

  /** @param {Statistics} found */
  _told(found) {
    const panel = this._panel;
    const { number } = found.total;
    const period = this._period(found);
    const word = number > 1 ? "counted" : number ? "counted_one" : "counted_none";
    const style = getComputedStyle(panel);
    const look = `${style.color} ${style.backgroundColor} ${panel.hasAttribute("dark")}`;
    return html`
      <div class="bar">
        <p role="status">
          <b>${panel.text(word, { count: this._number(number), ...period })}</b>${number ? html`, ${panel.text("false_of_all", { share: this._percent(found.total.false_share) })}` : nothing}.
          ${found.begun ? html`<span class="line">${panel.text("begun", { time: this._day(Date.parse(found.begun)) })}</span>` : nothing}
        </p>
        <button class="button small" @click=${() => this._export(found)}>${panel.text("export_csv")}</button>
      </div>
      ${this._parts(found).map((part) => this._part(part, look))}
    `;
  }

  /**
   * @param {Part} part
   * @param {string} look
   */
  _part({ title, hint, columns, rows, bars, isNarrow }, look) {
    const panel = this._panel;
    return html`
      <section class="card part" aria-labelledby=${title}>
        <h2 id=${title}>${panel.text(title)}</h2>
        ${hint ? html`<p class="hint">${panel.text(hint)}</p>` : nothing} ${bars ? barsTemplate(bars, look) : nothing}
        <table class=${isNarrow ? "figures narrow" : "figures"} aria-labelledby=${title}>
          <thead>
            <tr>
              ${columns.map(([name]) => html`<th scope="col">${panel.text(name)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ([first, ...others]) => html`<tr>
                <th scope="row">${read(first)}</th>
                ${others.map((cell, at) => html`<td data-label=${panel.text(/** @type {[Word]} */ (columns[at + 1])[0])}>${read(cell)}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </section>
    `;
  }

  /** @param {Statistics} found @returns {Part[]} */
  _parts(found) {
    const alarms = found.by_type.length ? [this._byType(found), this._howTaken(found), this._byGroup(found), this._byHour(found)] : [];
    return [...alarms, this._watched(found)].filter((part) => part.rows.length);
  }

  /** @param {Statistics} found @returns {Part} */
  _byType({ by_type: types, total }) {
    const panel = this._panel;
    const row = (/** @type {string} */ name, /** @type {Figure} */ part) => [name, this._many(part.number), this._many(part.false), this._share(part.false_share)];
    const name = (/** @type {{ alarm_type: string }} */ part) => panel.word("alarm_type", part.alarm_type);
    return {
      title: "by_alarm_type",
      hint: "tests_apart",
      columns: [["alarm_type"], ["number"], ["false_number"], ["false_share", "%"]],
      rows: [...types.map((part) => row(name(part), part)), row(panel.text("all_but_tests"), total)],
      bars: this._bars("by_alarm_type", types.map(name), true, [
        { name: panel.text("true_number"), values: types.map((part) => part.number - part.false), colour: "--accent", hatch: "none" },
        { name: panel.text("false_number"), values: types.map((part) => part.false), colour: "--bad", hatch: "up" },
      ]),
      isNarrow: true,
    };
  }

  /** @param {Statistics} found @returns {Part} */
  _howTaken({ by_type: types, total }) {
    const panel = this._panel;
    const name = (/** @type {{ alarm_type: string }} */ part) => panel.word("alarm_type", part.alarm_type);
    const row = (/** @type {string} */ first, /** @type {Statistics["total"]} */ part) => [first, ...ANSWERS.map(([key]) => this._many(part.answers[key]))];
    return {
      title: "how_taken",
      hint: "how_taken_hint",
      columns: [["alarm_type"], ...ANSWERS.map(([, word]) => /** @type {[Word]} */ ([word]))],
      rows: [...types.map((part) => row(name(part), part)), row(panel.text("all_but_tests"), total)],
      bars: this._bars(
        "how_taken",
        types.map(name),
        true,
        ANSWERS.map(([key, word, colour, hatch]) => ({ name: panel.text(word), values: types.map((part) => part.answers[key]), colour, hatch })),
      ),
      isNarrow: false,
    };
  }

  /** @param {Statistics} found @returns {Part} */
  _byGroup({ by_group: groups }) {
    return {
      title: "wait_by_group",
      hint: "wait_by_group_hint",
      columns: [["group"], ["number"], ["answered_number"], ["median", "s"], ["p90", "s"]],
      rows: groups.map((part) => [part.group, this._many(part.number), this._many(part.answered), this._wait(part.median_seconds), this._wait(part.p90_seconds)]),
      bars: this._waits("wait_by_group", groups.map((part) => part.group), groups, true),
      isNarrow: false,
    };
  }

  /** @param {Statistics} found @returns {Part} */
  _byHour({ by_hour: hours }) {
    const two = (/** @type {number} */ hour) => String(hour).padStart(2, "0");
    const names = hours.map((_, hour) => `${two(hour)}–${two((hour + 1) % 24)}`);
    const rows = hours.map((part, at) => [names[at] ?? "", this._many(part.number), this._wait(part.median_seconds), this._wait(part.p90_seconds)]);
    return {
      title: "wait_by_hour",
      hint: "wait_by_hour_hint",
      columns: [["hour"], ["number"], ["median", "s"], ["p90", "s"]],
      rows: rows.filter((_, hour) => hours[hour]?.number),
      bars: this._waits("wait_by_hour", hours.map((_, hour) => two(hour)), hours, false),
      isNarrow: true,
    };
  }

  /** @param {Statistics} found @returns {Part} */
  _watched({ watched: lines }) {
    const panel = this._panel;
    const names = lines.map((line) => `${line.code} ${line.line}`);
    const of = (/** @type {number} */ seconds, /** @type {typeof lines[number]} */ line) =>
      (100 * seconds) / Math.max(line.watched_seconds + line.not_watched_seconds + line.uncounted_seconds, 1);
    return {
      title: "watched_by_line",
      hint: "watched_hint",
      columns: [["line"], ["watched_time", "min"], ["not_watched_time", "min"], ["uncounted_time", "min"], ["watched_share", "%"]],
      rows: lines.map((line, at) => [
        names[at] ?? "",
        ...[line.watched_seconds, line.not_watched_seconds, line.uncounted_seconds].map((seconds) => this._minutes(seconds)),
        this._share(line.share),
      ]),
      bars: {
        title: panel.text("watched_by_line"),
        labels: names,
        across: true,
        stacked: true,
        most: 100,
        say: (value) => this._percent(value / 100),
        series: [
          { name: panel.text("watched_time"), values: lines.map((line) => of(line.watched_seconds, line)), colour: "--good", hatch: "none" },
          { name: panel.text("not_watched_time"), values: lines.map((line) => of(line.not_watched_seconds, line)), colour: "--bad", hatch: "up" },
          { name: panel.text("uncounted_time"), values: lines.map((line) => of(line.uncounted_seconds, line)), colour: "--quiet", hatch: "dots" },
        ],
      },
      isNarrow: false,
    };
  }

  /**
   * Numbers of alarms, one on top of the other.
   * @param {Word} title
   * @param {string[]} labels
   * @param {boolean} across
   * @param {Series[]} series
   * @returns {Bars}
   */
  _bars(title, labels, across, series) {
    return { title: this._panel.text(title), labels, series, across, stacked: true, say: (value) => this._number(value) };
  }

  /**
   * Waits side by side, in the unit that suits the longest; nothing if nobody has answered.
   * @param {Word} title
   * @param {string[]} labels
   * @param {Figure[]} figures
   * @param {boolean} across
   * @returns {Bars | null}
   */
  _waits(title, labels, figures, across) {
    const longest = Math.max(...figures.map((part) => part.p90_seconds ?? -1));
    if (longest < 0) return null;
    const [size, unit] = /** @type {[number, string]} */ (longest < 180 ? [1, "s"] : longest < 3 * 3600 ? [60, "min"] : [3600, "h"]);
    const values = (/** @type {"median_seconds" | "p90_seconds"} */ key) => figures.map((part) => (part[key] === null ? null : part[key] / size));
    return {
      title: this._panel.text(title),
      labels,
      across,
      stacked: false,
      say: (value) => `${this._number(value, 1)} ${unit}`,
      series: [
        { name: this._panel.text("median"), values: values("median_seconds"), colour: "--accent", hatch: "none" },
        { name: this._panel.text("p90"), values: values("p90_seconds"), colour: "--normal-line", hatch: "up" },
      ],
    };
  }

  // --- what is taken out ---------------------------------------------------------------------------

  /** @param {Statistics} found */
  _export(found) {
    const panel = this._panel;
    const { from, to } = this._period(found);
    const lines = this._parts(found).flatMap(({ title, columns, rows }) => [
      [panel.text(title)],
      columns.map(([name, unit]) => panel.text(name) + (unit ? ` (${unit})` : "")),
      ...rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : (cell.value ?? "")))),
      [],
    ]);
    const text = [[panel.text("statistics"), from, to], [], ...lines].map((line) => line.map(write).join(",")).join("\r\n");
    const link = document.createElement("a");
    // A spreadsheet knows by the first character that it is UTF-8.
    link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
    link.download = `statistik-${from}-${to}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), DAY / 1440);
  }
}

/** @param {Cell | undefined} cell */
const read = (cell) => (typeof cell === "object" ? cell.text : (cell ?? ""));

/**
 * A cell of a CSV file (RFC 4180), in which a spreadsheet finds no formula.
 * @param {string | number} value
 */
const write = (value) => {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return `"${text.replaceAll('"', '""')}"`;
};
