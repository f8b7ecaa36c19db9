// @ts-check
/** Avvikelser: the larmansvarig's inbox, from new over ongoing to archived, with the alarm beside it. */

import { html, nothing } from "./lit-html.js";
import { timelineTemplate } from "./timeline.js";

/** @import { Alarm, Deviation, Entry, View } from "./types" */
/** @import { Feed } from "./feed.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

/** @type {Deviation["status"][]} */
const STATUSES = ["new", "ongoing", "archived"];
/** @type {Record<Deviation["status"], [Word, Deviation["status"]][]>} */
const NEXT = {
  new: [
    ["start_work", "ongoing"],
    ["archive", "archived"],
  ],
  ongoing: [["archive", "archived"]],
  archived: [["reopen", "ongoing"]],
};
const MOST_ARCHIVED = 50;
const PLAN_CHANGED = "plan_changed";

/** @implements {View} */
export class DeviationsView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    /** @type {Feed<{ deviations: Deviation[] }> | null} */
    this._feed = null;
    /** @type {Feed<{ alarm: Alarm, timeline: Entry[], phones: any[] }> | null} */
    this._alarm = null;
    this._alarmId = "";
    this._chosen = "";
    this._error = "";
    this._sending = "";
  }

  /** @param {string} deviationId */
  open(deviationId) {
    this._feed ??= this._panel.follow("deviations");
    this._chosen = deviationId;
    this._error = "";
  }

  leave() {
    this._feed?.stop();
    this._alarm?.stop();
    this._feed = this._alarm = null;
    this._alarmId = "";
  }

  /**
   * @param {Deviation} item
   * @param {Record<string, unknown>} changed
   */
  async _update(item, changed) {
    this._sending = item.deviation_id;
    this._error = "";
    this._panel.ask();
    try {
      await this._panel.call("update_deviation", { deviation_id: item.deviation_id, ...changed });
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._sending = "";
    this._panel.ask();
  }

  /**
   * Follow the alarm of what is chosen.
   * @param {string} alarmId
   */
  _follow(alarmId) {
    if (alarmId === this._alarmId) return;
    this._alarm?.stop();
    this._alarmId = alarmId;
    this._alarm = alarmId ? this._panel.follow("alarm", { alarm_id: alarmId }) : null;
  }

  template() {
    const panel = this._panel;
    const instead = panel.instead(this._feed);
    if (instead) return instead;
    const items = this._feed?.state?.deviations ?? [];
    const chosen = items.find((item) => item.deviation_id === this._chosen);
    this._follow(chosen?.alarm_id ?? "");
    return html`<div class="page">${chosen ? this._one(chosen) : this._all(items)}</div>`;
  }

  /** @param {Deviation[]} items */
  _all(items) {
    const panel = this._panel;
    return html`
      <h1>${panel.text("deviations")}</h1>
      <div class="columns three">
        ${STATUSES.map((status) => {
          const here = items.filter((item) => item.status === status);
          const shown = status === "archived" ? here.slice(0, MOST_ARCHIVED) : here;
          return html`<section aria-labelledby="status-${status}">
            <h2 id="status-${status}">${panel.text(status)} (${here.length})</h2>
            <ul>
              ${shown.map((item) => html`<li>${this._row(item)}</li>`)}
            </ul>
            ${here.length ? nothing : html`<p class="hint">${panel.text("none_here")}</p>`}
          </section>`;
        })}
      </div>
    `;
  }

  /** @param {Deviation} item */
  _title(item) {
    const panel = this._panel;
    return item.kind === "own" && item.text ? item.text : panel.word("deviation", item.kind);
  }

  /** @param {Deviation} item */
  _row(item) {
    const panel = this._panel;
    const what = item.alarm_type ? panel.word("alarm_type", item.alarm_type) : item.kind === PLAN_CHANGED ? item.text : "";
    const about = what ? ` · ${what}` : "";
    const content = html`
      <strong>${this._title(item)}</strong>
      <span></span>
      <span>${item.code}${about} · ${panel.time(item.happened_at)}</span>
    `;
    return panel.link(`/deviations/${encodeURIComponent(item.deviation_id)}`, content, { kind: "row" });
  }

  /** @param {Deviation} item */
  _one(item) {
    const panel = this._panel;
    const told = this._alarm?.state;
    const isBusy = !panel.isOnline || this._sending === item.deviation_id;
    const save = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
      // Whoever presses something else than Save has not meant what is written to be lost.
      const comment = String(form.get("comment") ?? "");
      const status = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value;
      this._update(item, { ...(status ? { status } : {}), ...(!status || comment !== (item.comment ?? "") ? { comment } : {}) });
    };
    return html`
      ${panel.link("/deviations", html`<span aria-hidden="true">‹</span> ${panel.text("deviations")}`, { kind: "back" })}
      <div class="columns two">
        <section class="card item" aria-labelledby="deviation">
          <h1 id="deviation">${this._title(item)}</h1>
          <dl>
            <dt>${panel.text("code")}</dt>
            <dd>${item.code}</dd>
            <dt>${panel.text("happened")}</dt>
            <dd>${panel.time(item.happened_at)}</dd>
            <dt>Status</dt>
            <dd>${panel.word("deviation_status", item.status)}</dd>
          </dl>
          ${item.text && item.kind !== "own" ? html`<p class="lines">${item.text}</p>` : nothing}
          ${item.kind === PLAN_CHANGED ? html`<p>${panel.link("/plan", panel.text("to_plan"), { kind: "back" })}</p>` : nothing}
          <form class="note" @submit=${save}>
            <label class="field">${panel.text("comment")} <textarea name="comment" rows="4" maxlength="4000" .value=${item.comment ?? ""}></textarea></label>
            <button class="button" ?disabled=${isBusy}>${panel.text("save")}</button>
            ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
            <div class="others">
              ${NEXT[item.status].map(
                ([word, status]) => html`<button class="button main" value=${status} ?disabled=${isBusy}>${panel.text(word)}</button>`,
              )}
            </div>
          </form>
        </section>
        ${item.alarm_id
          ? html`<div>
              ${told
                ? html`<section class="card">
                      <h2>${panel.word("alarm_type", told.alarm.alarm_type)} · ${told.alarm.code}</h2>
                      <p>${panel.text("raised_at", { time: panel.time(told.alarm.raised_at) })}</p>
                      <p>${told.alarm.open ? panel.text("open") : panel.word("outcome", told.alarm.outcome)}</p>
                      <p>${panel.link(`/alarm/${told.alarm.alarm_id}`, panel.text("to_alarm"), { kind: "back" })}</p>
                    </section>
                    ${timelineTemplate(panel, told)}`
                : panel.instead(this._alarm)}
            </div>`
          : nothing}
      </div>
    `;
  }
}
