// @ts-check
/** Larmlogg: the alarms of a period, chosen, told in full, and taken out. */

import { html, nothing } from "./lit-html.js";
import { timelineTemplate } from "./timeline.js";

/** @import { Alarm, Entry, View } from "./types" */
/** @import { Feed } from "./feed.js" */
/** @import { Panel } from "./panel.js" */

const LARMTYPER = ["passivity", "gone_out", "fire", "leak", "medicine", "safety_button", "power_on", "motion", "door", "sequence", "technical", "test"];
const OUTCOMES = ["help_given", "no_help_needed", "false_alarm", "technical_fault", "external_contact", "not_stated"];
const DAY = 86_400_000;
const FILES = { csv: "text/csv;charset=utf-8", json: "application/json" };

/** @implements {View} */
export class LogView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    /** @type {Record<string, string>} */
    this._choice = { from: this._day(panel.now - 7 * DAY), to: this._day(panel.now), alarm_type: "", outcome: "", group: "" };
    /** @type {{ alarms: Alarm[], cut: boolean } | null} */
    this._found = null;
    this._error = "";
    /** @type {Feed<{ alarm: Alarm, timeline: Entry[], phones: any[] }> | null} */
    this._feed = null;
    this._alarmId = "";
    /** How far down the list was left (pixels). */
    this._place = 0;
    /** @type {{ from: unknown[], rows: unknown[] }} */
    this._drawn = { from: [], rows: [] };
  }

  /** @param {number} at */
  _day(at) {
    return new Date(at).toLocaleDateString("sv", { timeZone: this._panel.hass.config.time_zone });
  }

  get _main() {
    return this._panel.shadowRoot?.querySelector("main");
  }

  /** @param {string} alarmId */
  open(alarmId) {
    this._feed?.stop();
    if (alarmId && !this._alarmId) this._place = this._main?.scrollTop ?? 0;
    this._alarmId = alarmId;
    this._feed = alarmId ? this._panel.follow("alarm", { alarm_id: alarmId }) : null;
    if (alarmId) return;
    this._search();
    // Whoever comes back from an alarm goes on where it was, not at the top of a long log.
    requestAnimationFrame(() => this._alarmId || this._main?.scrollTo(0, this._place));
  }

  leave() {
    this._feed?.stop();
    this._feed = null;
  }

  /** What is asked for, without what was not chosen. */
  get _asked() {
    return Object.fromEntries(Object.entries(this._choice).filter(([, value]) => value));
  }

  async _search() {
    this._error = "";
    try {
      this._found = await this._panel.send("log", { ...this._asked, language: this._panel.hass.language });
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._panel.ask();
  }

  /** @param {"csv" | "json"} format */
  async _export(format) {
    this._error = "";
    try {
      const { content } = await this._panel.send("export_log", { ...this._asked, format });
      const link = document.createElement("a");
      // A spreadsheet knows by the first character that it is UTF-8.
      link.href = URL.createObjectURL(new Blob([format === "csv" ? "\ufeff" : "", content], { type: FILES[format] }));
      link.download = `larmlogg-${this._choice.from}-${this._choice.to}.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), DAY / 1440);
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._panel.ask();
  }

  /** Print the table on its own, without Home Assistant around it. */
  _print() {
    const table = /** @type {HTMLElement | null} */ (this._panel.shadowRoot?.querySelector("table"));
    if (!table) return;
    const frame = document.createElement("iframe");
    frame.style.display = "none";
    document.body.append(frame);
    const page = /** @type {Window} */ (frame.contentWindow);
    const style = page.document.createElement("style");
    style.textContent =
      "body{font:11pt sans-serif;color:#000}table{width:100%;border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:3pt 6pt 3pt 0;border-bottom:1px solid #999}a{color:inherit;text-decoration:none}";
    const title = page.document.createElement("h1");
    title.textContent = `${this._panel.text("log")} ${this._choice.from} – ${this._choice.to}`;
    page.document.head.append(style);
    page.document.body.append(title, page.document.importNode(table, true));
    page.addEventListener("afterprint", () => frame.remove());
    page.print();
  }

  template() {
    return this._alarmId ? this._one() : this._all();
  }

  _one() {
    const panel = this._panel;
    const told = this._feed?.state;
    const alarm = told?.alarm;
    return html`
      <div class="page">
        ${panel.link("/log", html`<span aria-hidden="true">‹</span> ${panel.text("log")}`, { kind: "back" })}
        ${alarm
          ? html`<h1>${panel.word("alarm_type", alarm.alarm_type)} · ${alarm.code}</h1>
              <p>${panel.time(alarm.raised_at)} · ${alarm.open ? panel.text("open") : panel.word("outcome", alarm.outcome)}</p>
              ${this._answer(alarm, told.timeline)}
              <p class="paths">
                ${panel.link(`/alarm/${alarm.alarm_id}`, panel.text("to_alarm"), { kind: "back" })}
                ${panel.may("plan") && alarm.alarm_type !== "technical" ? panel.link(`/plan/${encodeURIComponent(alarm.brukare_id)}`, panel.text("to_plan"), { kind: "back" }) : nothing}
              </p>
              ${timelineTemplate(panel, told)}`
          : panel.instead(this._feed)}
      </div>
    `;
  }

  /**
   * Who took it first, and after how long, without reckoning from the times below.
   * @param {Alarm} alarm
   * @param {Entry[]} timeline
   */
  _answer(alarm, timeline) {
    const panel = this._panel;
    const taken = timeline.find((entry) => entry.kind === "acknowledged");
    if (!taken) return html`<p>${panel.text("answered")}: ${panel.text("unanswered")}</p>`;
    const age = panel.length(Date.parse(taken.at) - Date.parse(alarm.raised_at));
    return html`<p>${taken.text}${taken.user ? ` (${taken.user})` : nothing} ${panel.text("answered_after", { age })}</p>`;
  }

  _all() {
    const panel = this._panel;
    return html`
      <div class="page">
        <h1>${panel.text("log")}</h1>
        ${this._filters()} ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
        ${this._found ? this._table(this._found) : this._error ? nothing : html`<p class="notice">${panel.text("loading")}</p>`}
      </div>
    `;
  }

  _filters() {
    const panel = this._panel;
    const chosen = (/** @type {Event} */ event) => {
      const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
      this._choice = { ...this._choice, [field.name]: field.value };
    };
    const choose = (/** @type {string} */ name, /** @type {[string, string][]} */ options) => html`
      <select name=${name} .value=${this._choice[name]}>
        <option value="">${panel.text("all")}</option>
        ${options.map(([value, text]) => html`<option value=${value} ?selected=${this._choice[name] === value}>${text}</option>`)}
      </select>
    `;
    /** @type {[string, string][]} */
    const groups = (panel.open?.state?.groups ?? []).map((group) => [group.group_id, group.name]);
    const search = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this._search();
    };
    return html`
      <form class="card filters" @change=${chosen} @submit=${search}>
        <label class="field">${panel.text("from")} <input type="date" name="from" required .value=${this._choice.from} /></label>
        <label class="field">${panel.text("to")} <input type="date" name="to" required .value=${this._choice.to} /></label>
        <label class="field">${panel.text("alarm_type")} ${choose("alarm_type", LARMTYPER.map((key) => [key, panel.word("alarm_type", key)]))}</label>
        <label class="field">${panel.text("outcome")} ${choose("outcome", OUTCOMES.map((key) => [key, panel.word("outcome", key)]))}</label>
        <label class="field">${panel.text("group")} ${choose("group", groups)}</label>
        <button class="button main" ?disabled=${!panel.isOnline}>${panel.text("show")}</button>
      </form>
    `;
  }

  /** @param {{ alarms: Alarm[], cut: boolean }} found */
  _table({ alarms, cut }) {
    const panel = this._panel;
    if (!alarms.length) return html`<p class="notice" role="status">${panel.text("nothing_found")}</p>`;
    return html`
      <div class="bar">
        <p role="status">${panel.text("found", { count: alarms.length })}${cut ? html`. <span class="bad">${panel.text("cut")}</span>` : nothing}</p>
        <button class="button small" @click=${() => this._export("csv")}>${panel.text("export_csv")}</button>
        <button class="button small" @click=${() => this._export("json")}>${panel.text("export_json")}</button>
        <button class="button small" @click=${() => this._print()}>${panel.text("print")}</button>
      </div>
      <table>
        <thead>
          <tr>
            ${/** @type {const} */ (["time", "code", "alarm_type", "group", "answered", "outcome"]).map((name) => html`<th scope="col">${panel.text(name)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${this._rows(alarms)}
        </tbody>
      </table>
    `;
  }

  /**
   * The rows, made once: the panel draws each second, and they change with what was found, the day and the words alone.
   * @param {Alarm[]} alarms
   */
  _rows(alarms) {
    const from = [alarms, this._day(this._panel.now), this._panel.hass.localize];
    if (from.some((each, place) => each !== this._drawn.from[place])) {
      this._drawn = { from, rows: alarms.map((alarm) => this._row(alarm)) };
    }
    return this._drawn.rows;
  }

  /** @param {Alarm} alarm */
  _row(alarm) {
    const panel = this._panel;
    const answered = alarm.answered_at
      ? `${alarm.answered_by ?? ""} ${panel.text("answered_after", { age: panel.length(Date.parse(alarm.answered_at) - Date.parse(alarm.raised_at)) })}`.trim()
      : panel.text("unanswered");
    return html`
      <tr>
        <td>${panel.time(alarm.raised_at)}</td>
        <td data-label=${panel.text("code")}>${alarm.code}</td>
        <td>${panel.link(`/log/${alarm.alarm_id}`, panel.word("alarm_type", alarm.alarm_type))}</td>
        <td data-label=${panel.text("group")}>${alarm.groups?.join(", ")}</td>
        <td data-label=${panel.text("answered")}>${answered}</td>
        <td data-label=${panel.text("outcome")}>${alarm.open ? panel.text("open") : panel.word("outcome", alarm.outcome)}</td>
      </tr>
    `;
  }
}
