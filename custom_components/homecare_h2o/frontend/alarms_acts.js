// @ts-check
/** What can be done with an alarm: taken, declined, handed over, closed, noted on. */

import { html, nothing } from "./lit-html.js";

/** @import { Alarm } from "./types" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

const OUTCOMES = ["help_given", "no_help_needed", "external_contact", "technical_fault", "false_alarm"];
const SURE_WITHIN = 5_000;
/** A wet thumb that bounces presses twice within this time (ms), and means one press. */
const BOUNCE = 700;

/** What is pressed on one alarm, from when it is opened until it is left. */
export class Acts {
  /**
   * @param {Panel} panel
   * @param {string} alarmId
   */
  constructor(panel, alarmId) {
    this._panel = panel;
    this._alarmId = alarmId;
    /** @type {"" | "outcome" | "groups"} */
    this._choosing = "";
    this._sending = "";
    this._error = "";
    this._sureUntil = 0;
    this._choseAt = 0;
  }

  /**
   * @param {string} act
   * @param {Record<string, unknown>} [data]
   */
  async _act(act, data = {}) {
    if (this._sending) return;
    this._sending = act;
    this._error = "";
    this._panel.ask();
    try {
      await this._panel.send("act", { alarm_id: this._alarmId, act, ...data });
      this._choosing = "";
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._sending = "";
    this._panel.ask();
  }

  /** @param {Alarm} alarm */
  template(alarm) {
    const panel = this._panel;
    return html`
      <section class="actions" aria-label=${panel.text("response")}>
        ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
        <p class="unseen" role="status">${this._sending ? panel.text("sending") : ""}</p>
        ${this._choosing === "outcome" || alarm.state === "done" ? this._outcomes(alarm) : this._choosing === "groups" ? this._groups() : this._buttons(alarm)}
      </section>
    `;
  }

  /**
   * @param {string} act
   * @param {Word} word
   * @param {() => void} pressed
   * @param {string} [kind]
   * @param {boolean} [isWaiting] not to be pressed quite yet
   * @param {boolean} [isDone] not to be pressed again; it keeps its place, so that no other is pressed instead
   */
  _button(act, word, pressed, kind = "", isWaiting = false, isDone = false) {
    const label = this._sending === act ? this._panel.text("sending") : this._panel.text(word);
    return html`<button class="button ${kind}" ?disabled=${isDone || !this._panel.isOnline || Boolean(this._sending)} aria-disabled=${isWaiting ? "true" : nothing} @click=${pressed}>${label}</button>`;
  }

  /** @param {Alarm} alarm */
  _buttons(alarm) {
    const isSure = this._panel.now < this._sureUntil;
    const word = isSure ? "false_alarm_sure" : "false_alarm";
    const falseAlarm = this._button("false_alarm", word, () => this._pressFalse(), isSure ? "sure" : "", this._isBounce);
    const handOver = this._button("hand_over", "hand_over", () => this._choose("groups"));
    if (alarm.state === "acknowledged") {
      return html`
        ${this._button("resolve", "done", () => this._choose("outcome"), "main")}
        <div class="others">
          ${alarm.taken_by_me ? this._button("decline", "need_help", () => this._act("decline")) : nothing} ${handOver} ${falseAlarm}
        </div>
      `;
    }
    return html`
      ${this._button("acknowledge", "taking", () => this._act("acknowledge"), "main")}
      <div class="others">
        ${this._button("decline", "decline", () => this._act("decline"), "", false, alarm.declined_by_me)} ${handOver} ${falseAlarm}
      </div>
    `;
  }

  get _isBounce() {
    return this._panel.now < this._sureUntil - SURE_WITHIN + BOUNCE;
  }

  /** A false alarm is closed at once, so a wet thumb has to mean it. */
  _pressFalse() {
    if (this._isBounce) return;
    if (this._panel.now < this._sureUntil) {
      this._sureUntil = 0;
      this._act("false_alarm");
    } else {
      this._sureUntil = this._panel.now + SURE_WITHIN;
      this._panel.ask();
      setTimeout(() => this._panel.ask(), BOUNCE + 20);
    }
  }

  /** @param {"" | "outcome" | "groups"} what */
  _choose(what) {
    this._choosing = what;
    this._error = "";
    this._choseAt = this._panel.now;
    this._panel.ask();
    setTimeout(() => this._panel.ask(), BOUNCE + 20);
  }

  /** @param {Alarm} alarm */
  _outcomes(alarm) {
    const panel = this._panel;
    const close = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
      this._act("resolve", {
        outcome: form.get("outcome"),
        note: String(form.get("note") ?? "").trim() || null,
        report: form.get("report") !== null,
      });
    };
    return html`
      <form @submit=${close}>
        <fieldset class="choices">
          <legend>${panel.text("how_did_it_go")}</legend>
          ${OUTCOMES.map(
            (outcome) => html`<label class="choice">
              <input type="radio" name="outcome" value=${outcome} required />
              <span>${panel.word("outcome", outcome)}</span>
            </label>`,
          )}
        </fieldset>
        <label class="field">${panel.text("note")} <textarea name="note" rows="1" maxlength="4000" placeholder=${panel.text("note_hint")}></textarea></label>
        <label class="check"><input type="checkbox" name="report" /> ${panel.text("report")}</label>
        <div class="others">
          <button class="button main" ?disabled=${!panel.isOnline || Boolean(this._sending)}>
            ${this._sending ? panel.text("sending") : panel.text("close_alarm")}
          </button>
          ${alarm.state === "done" ? nothing : html`<button type="button" class="button" @click=${() => this._choose("")}>${panel.text("cancel")}</button>`}
        </div>
      </form>
    `;
  }

  _groups() {
    const panel = this._panel;
    const groups = (panel.open?.state?.groups ?? []).filter((group) => group.phones);
    const onDuty = panel.open?.state?.on_duty ?? [];
    // The groups stand where "hand over" was pressed.
    const isBounce = panel.now < this._choseAt + BOUNCE;
    return html`
      <h2>${panel.text("hand_over_to")}</h2>
      <div class="others">
        ${groups.map(
          (group) =>
            html`<button
              class="button"
              ?disabled=${!panel.isOnline || Boolean(this._sending)}
              aria-disabled=${isBounce ? "true" : nothing}
              @click=${() => isBounce || this._act("hand_over", { group: group.group_id })}
            >
              ${group.name}${group.role === "staff" && !onDuty.includes(group.name) ? ` (${panel.text("not_on_duty")})` : ""}
            </button>`,
        )}
        <button class="button" @click=${() => this._choose("")}>${panel.text("cancel")}</button>
      </div>
    `;
  }

  /** @param {Alarm} alarm */
  notes(alarm) {
    const panel = this._panel;
    if (!panel.may("handle")) return nothing;
    const save = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.target);
      const note = String(new FormData(form).get("note") ?? "").trim();
      if (note) this._act("note", { note }).then(() => this._error || form.reset());
    };
    return html`<form class="card note" @submit=${save}>
      <label class="field">${panel.text("add_note")} <textarea name="note" rows="2" maxlength="4000" required></textarea></label>
      <button class="button" ?disabled=${!panel.isOnline || Boolean(this._sending)}>${panel.text("save")}</button>
      ${!alarm.open && this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
    </form>`;
  }
}
