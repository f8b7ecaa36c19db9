// @ts-check
/** Översikt: how everything stands, for the larmansvarig. */

import { html, nothing } from "./lit-html.js";

/** @import { Person, Source, View } from "./types" */
/** @import { Feed } from "./feed.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

/** @typedef {{ until: string, reason: string, line?: string | null }} Pause */
/** @typedef {Source & { fault: string }} Fault */
/** @typedef {{ line: string, alarm_type: string, coverage: string, since: string | null, sources: Fault[] }} Trouble */
/**
 * @typedef {{ brukare_id: string, code: string, lines: number, coverage: string | null, since: string | null,
 *   faults: Trouble[], low: (Source & { level: number | null })[], alarms: number, paused: Pause[], consent: string,
 *   visit_until: string | null }} Brukare
 */
/** @typedef {{ phone: string, groups: string[], failed: boolean, result: string | null, error: string | null, tested_at: string | null }} Phone */
/** @typedef {{ on_duty: string[], next_at: string | null, next: string[] | null, gaps: { from: string, to: string }[] }} Rota */
/** @typedef {{ brukare: Brukare[], hub_paused: Pause[], phones: Phone[], rota: Rota }} Overview */

/** @implements {View} */
export class OverviewView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    /** @type {Feed<Overview> | null} */
    this._feed = null;
    /** @type {Record<string, Person | string>} who has been opened, or why it could not be */
    this._people = {};
  }

  open() {
    this._feed ??= this._panel.follow("overview");
  }

  leave() {
    this._feed?.stop();
    this._feed = null;
    this._people = {};
  }

  /** @param {string} brukareId */
  async _showPerson(brukareId) {
    try {
      this._people[brukareId] = await this._panel.send("person", { brukare_id: brukareId });
    } catch (error) {
      this._people[brukareId] = /** @type {Error} */ (error).message;
    }
    this._panel.ask();
  }

  template() {
    const panel = this._panel;
    const told = this._feed?.state;
    const instead = panel.instead(this._feed);
    if (instead || !told) return instead ?? html``;
    return html`
      <div class="page">
        <h1>${panel.text("overview")}</h1>
        ${told.hub_paused.map((pause) => html`<p class="card bad">${panel.text("hub_paused", { time: panel.time(pause.until) })}: ${pause.reason}</p>`)}
        <div class="grid">
          ${told.brukare.map((brukare) => this._brukare(brukare))} ${this._duty(told.rota)} ${this._phones(told.phones)}
        </div>
      </div>
    `;
  }

  /** @param {Brukare} brukare */
  _brukare(brukare) {
    const panel = this._panel;
    const isGiven = brukare.consent === "given";
    return html`
      <section class="card" aria-label=${brukare.code}>
        <h2>${brukare.code}</h2>
        ${this._person(brukare.brukare_id)}
        ${this._watched(brukare)}
        ${brukare.lines ? html`<p>${panel.link(`/plan/${encodeURIComponent(brukare.brukare_id)}`, panel.text("to_plan"), { kind: "back" })}</p>` : nothing}
        <p>
          ${brukare.alarms ? panel.link("/alarms", `${panel.text("open_alarms")}: ${brukare.alarms}`, { kind: "bad" }) : panel.text("no_alarms")}
        </p>
        ${brukare.paused.map(
          (pause) => html`<p class="bad">
              ${panel.text(pause.line ? "paused_line" : "paused", { time: panel.time(pause.until), line: pause.line ?? "" })}: ${pause.reason}
            </p>
            ${pause.line ? nothing : html`<p class="hint">${panel.text("paused_still")}</p>`}`,
        )}
        <p class=${isGiven ? "" : "bad"}>${panel.text("consent")}: ${panel.text(/** @type {Word} */ (`consent_${brukare.consent}`))}</p>
        ${brukare.visit_until ? html`<p>${panel.text("visit", { time: panel.time(brukare.visit_until) })}</p>` : nothing}
        ${brukare.faults.length ? html`<h3>${panel.text("faults")}</h3><ul>${brukare.faults.map((fault) => this._fault(fault))}</ul>` : nothing}
        ${brukare.low.length
          ? html`<h3>${panel.text("low")}</h3>
              <ul>
                ${brukare.low.map((low) => html`<li>${this._source(low)}${low.level === null ? nothing : `: ${low.level} %`}</li>`)}
              </ul>`
          : nothing}
      </section>
    `;
  }

  /** @param {string} brukareId */
  _person(brukareId) {
    const panel = this._panel;
    const person = this._people[brukareId];
    if (typeof person === "object") return html`<p><b>${person.name}</b></p><p class="lines">${person.address}</p>`;
    return html`
      ${person ? html`<p class="error" role="alert">${panel.text("person_failed", { why: person })}</p>` : nothing}
      <button class="button small" ?disabled=${!panel.isOnline} @click=${() => this._showPerson(brukareId)}>${panel.text("show_person")}</button>
      <p class="hint">${panel.text("person_logged")}</p>
    `;
  }

  /** @param {Brukare} brukare */
  _watched(brukare) {
    const panel = this._panel;
    if (!brukare.coverage) return html`<p class="bad">${panel.text("no_lines")}</p>`;
    const isWell = brukare.coverage === "watched";
    // Beside what says that no alarms come, green would be believed.
    if (isWell && brukare.consent === "withdrawn") return nothing;
    if (isWell && (brukare.paused.length || this._feed?.state?.hub_paused.length)) return html`<p>${panel.text("watched_but_paused")}</p>`;
    const since = brukare.since ? ` ${panel.text("since", { time: panel.time(brukare.since) })}` : "";
    return html`<p class=${isWell ? "good" : "bad"}>${panel.word("coverage", brukare.coverage)}${since}</p>`;
  }

  /** @param {Trouble} fault */
  _fault(fault) {
    const panel = this._panel;
    const why = fault.sources.map((source) => `${this._source(source)}: ${panel.word("fault", source.fault)}`).join("; ");
    return html`<li>
      <b>${fault.line}</b> (${panel.word("coverage", fault.coverage)} ${panel.text("since", { time: panel.time(fault.since) })}): ${why}
    </li>`;
  }

  /** @param {Source} source */
  _source(source) {
    return source.area ? `${source.area}, ${source.name}` : source.name;
  }

  /** @param {Rota} rota */
  _duty(rota) {
    const panel = this._panel;
    const named = (/** @type {string[] | null} */ groups) => groups?.join(", ") || panel.text("nobody");
    return html`
      <section class="card" aria-labelledby="duty">
        <h2 id="duty">${panel.text("duty")}</h2>
        <dl>
          <dt>${panel.text("now")}</dt>
          <dd class=${rota.on_duty.length ? "" : "bad"}>${named(rota.on_duty)}</dd>
          ${rota.next_at
            ? html`<dt>${panel.text("next", { time: panel.time(rota.next_at) })}</dt><dd class=${rota.next?.length ? "" : "bad"}>${named(rota.next)}</dd>`
            : html`<dt></dt><dd>${panel.text("always")}</dd>`}
        </dl>
        ${rota.gaps.length
          ? html`<h3>${panel.text("gaps")}</h3>
              <ul>
                ${rota.gaps.map((gap) => html`<li class="bad">${panel.text("gap", { from: panel.time(gap.from), to: panel.time(gap.to) })}</li>`)}
              </ul>`
          : html`<p class="good">${panel.text("no_gaps")}</p>`}
      </section>
    `;
  }

  /** @param {Phone[]} phones */
  _phones(phones) {
    const panel = this._panel;
    const failed = phones.filter((phone) => phone.failed);
    return html`
      <section class="card" aria-labelledby="phones">
        <h2 id="phones">${panel.text("phones")}</h2>
        ${failed.length
          ? html`<p class="bad">${panel.text("phones_failed")}: ${failed.length}</p>`
          : phones.some((phone) => phone.tested_at)
            ? html`<p class="good">${panel.text("phones_well")}</p>`
            : html`<p>${panel.text("phones_untested")}</p>`}
        <ul>
          ${phones.map(
            (phone) => html`<li class=${phone.failed ? "bad" : ""}>
              <b>${phone.phone}</b> (${phone.groups.join(", ")}):
              ${phone.tested_at ? panel.text("tested", { time: panel.time(phone.tested_at) }) : panel.text("not_tested")}${phone.error
                ? `, ${panel.word("push_error", phone.error)}`
                : nothing}
            </li>`,
          )}
        </ul>
      </section>
    `;
  }
}
