// @ts-check
/** What is asked before a line of the handlingsplan is changed: what follows from it, in words, and why. */

import { html, nothing } from "./lit-html.js";
import { valuesTemplate } from "./plan_changes.js";

/** @import { Plan, PlanChange, PlanLine, PlanValue } from "./types" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

const HOUR = 3_600_000;
const PAUSES = [1, 4, 12, 24, 72, 168];
const PAUSES_OF_ALL = [4, 12, 24, 72, 168, 336];

/** @typedef {"comment" | "restore" | "off" | "on" | "pause" | "resume" | "pause_all" | "resume_all" | "save"} Kind */
/**
 * Values to be saved: how they are told, and as the hub takes them; from which change on they were chosen; what follows.
 * @typedef {{ values: PlanValue[], asked: { rule: string, brukare_id: string | undefined, inputs: Record<string, unknown>, seen: string },
 *   isAnew: boolean, done: () => void }} Chosen
 */
/** @typedef {{ kind: Kind, line: PlanLine, change?: PlanChange, deviceId?: string | null, chosen?: Chosen }} Asked */

/** @type {Record<Kind, { title: Word, press: Word }>} */
const WORDS = {
  comment: { title: "comment_ask", press: "save" },
  restore: { title: "restore_ask", press: "restore_do" },
  off: { title: "off_ask", press: "off_do" },
  on: { title: "on_ask", press: "switch_on" },
  pause: { title: "pause_ask", press: "pause_do" },
  resume: { title: "resume_ask", press: "resume_line" },
  pause_all: { title: "pause_ask", press: "pause_all_do" },
  resume_all: { title: "resume_ask", press: "resume_line" },
  save: { title: "save_ask", press: "save_do" },
};

export class PlanDialog {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    /** @type {Asked | null} */
    this._asked = null;
    this._error = "";
    this._isSending = false;
  }

  /** @param {Asked} asked */
  ask(asked) {
    this._asked = asked;
    this._error = "";
    this._isSending = false;
    this._panel.ask();
    queueMicrotask(() => this._element?.showModal());
  }

  leave() {
    this._asked = null;
  }

  get _element() {
    return /** @type {HTMLDialogElement | null | undefined} */ (this._panel.shadowRoot?.querySelector("dialog"));
  }

  /** @param {Plan} plan */
  template(plan) {
    const asked = this._asked;
    const closed = () => {
      this._asked = null;
      this._panel.ask();
    };
    return html`<dialog aria-labelledby="asked" @close=${closed}>${asked ? this._form(this._renew(plan, asked)) : nothing}</dialog>`;
  }

  /**
   * What is asked about, as it is now: it may have been changed meanwhile.
   * @param {Plan} plan
   * @param {Asked} asked
   * @returns {Asked}
   */
  _renew(plan, asked) {
    const line = [...plan.lines, ...plan.deleted].find((each) => each.rule === asked.line.rule) ?? asked.line;
    const change = line.changes.find((each) => each.change_id === asked.change?.change_id) ?? asked.change;
    return { ...asked, line, change };
  }

  /** @param {Asked} asked */
  _form(asked) {
    const panel = this._panel;
    const { title, press } = WORDS[asked.kind];
    const send = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this._send(asked, new FormData(/** @type {HTMLFormElement} */ (event.target)));
    };
    return html`
      <form @submit=${send}>
        <h2 id="asked">${panel.text(title, { line: asked.line.name })}</h2>
        ${this._body(asked)}
        ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
        <div class="others">
          <button class="button ${asked.kind === "off" ? "sure" : "main"}" ?disabled=${!panel.isOnline || this._isSending}>
            ${panel.text(this._isSending ? "sending" : press)}
          </button>
          <button class="button" type="button" ?autofocus=${asked.kind === "off"} @click=${() => this._element?.close()}>${panel.text("cancel")}</button>
        </div>
      </form>
    `;
  }

  /** @param {Asked} asked */
  _body({ kind, line, change, chosen }) {
    const panel = this._panel;
    switch (kind) {
      case "comment":
        return html`${change ? this._about(change) : nothing} ${this._comment(change?.comment ?? "", true)}`;
      case "restore":
        return html`${change ? this._back(change) : nothing} ${this._comment("", false)}`;
      case "save":
        return html`<p>${panel.text(line.on ? "save_what" : "save_what_off")}</p>
          ${valuesTemplate(panel, chosen?.values ?? [])}
          <p class=${chosen?.isAnew ? "bad" : "hint"}>${panel.text(chosen?.isAnew ? "save_anew" : "save_goes_on")}</p>
          ${this._comment("", true)}`;
      case "off":
        return html`<p>${panel.text("off_what")}</p>
          <p><b>${this._watches(line)}</b></p>
          <p>${panel.text("off_until")}</p>`;
      case "on":
        return html`<p>${panel.text("on_what")}</p>
          <p><b>${this._watches(line)}</b></p>`;
      case "pause":
        return html`<p>${panel.text("pause_what")}</p>
          <p><b>${this._watches(line)}</b></p>
          ${this._pause(PAUSES, "reason_hint")}`;
      case "pause_all":
        return html`<p>${panel.text("pause_all_what")}</p>
          ${this._pause(PAUSES_OF_ALL, "reason_all_hint")}`;
      case "resume_all":
        return html`<p>${panel.text("resume_all_what")}</p>`;
      default:
        return html`<p>${panel.text("resume_what")}</p>`;
    }
  }

  /**
   * What a line watches, in words.
   * @param {PlanLine} line
   */
  _watches(line) {
    const what = [line.sensors?.join(", "), line.active].filter(Boolean).join(", ");
    return `${this._panel.word("alarm_type", line.alarm_type)}${what ? `: ${what}` : ""}`;
  }

  /** @param {PlanChange} change */
  _about(change) {
    const panel = this._panel;
    return html`<p class="hint">${panel.time(change.at)} · ${change.by}</p>
      ${change.values.length ? valuesTemplate(panel, change.values) : html`<p>${change.text}</p>`}`;
  }

  /**
   * What would be as it was before a change: from how it is now, for later changes go, too.
   * @param {PlanChange} change
   */
  _back(change) {
    const panel = this._panel;
    const back = change.back;
    if (!back) return html`<p>${panel.text("back_already")}</p>`;
    return html`
      <p>${panel.text("back_what", { time: panel.time(change.at) })}</p>
      ${back.returns ? html`<p><b>${panel.text("back_returns")}</b></p>` : nothing} ${valuesTemplate(panel, back.values)}
      ${back.on === null ? nothing : html`<p class=${back.on ? "" : "bad"}><b>${panel.text(back.on ? "back_on" : "back_off")}</b></p>`}
    `;
  }

  /**
   * @param {string} text
   * @param {boolean} isNeeded
   */
  _comment(text, isNeeded) {
    const panel = this._panel;
    return html`<label class="field">
        ${panel.text("comment")}
        <textarea name="comment" rows="3" maxlength="4000" aria-describedby="comment-hint" ?required=${isNeeded} .value=${text}></textarea>
      </label>
      <p class="hint" id="comment-hint">${panel.text(isNeeded ? "why_hint" : "note_hint")}</p>`;
  }

  /**
   * @param {number[]} pauses how many hours can be chosen
   * @param {Word} hint
   */
  _pause(pauses, hint) {
    const panel = this._panel;
    return html`<label class="field">
        ${panel.text("how_long")}
        <select name="hours">
          ${pauses.map((hours) => html`<option value=${hours}>${hours < 48 ? panel.text("for_hours", { hours }) : panel.text("for_days", { days: hours / 24 })}</option>`)}
        </select>
      </label>
      <label class="field">${panel.text("reason")} <input type="text" name="reason" required maxlength="1000" aria-describedby="reason-hint" /></label>
      <p class="hint" id="reason-hint">${panel.text(hint)}</p>`;
  }

  /**
   * @param {Asked} asked
   * @param {FormData} form
   */
  async _send(asked, form) {
    if (this._isSending) return;
    const mine = this._asked;
    this._isSending = true;
    this._error = "";
    this._panel.ask();
    let why = "";
    try {
      await this._do(asked, (name) => String(form.get(name) ?? "").trim());
    } catch (error) {
      why = /** @type {Error} */ (error).message;
    }
    // Whoever has cancelled meanwhile may be asking for something else.
    if (this._asked !== mine) return;
    this._isSending = false;
    this._error = why;
    if (!why) this._element?.close();
    this._panel.ask();
  }

  /**
   * @param {Asked} asked
   * @param {(name: string) => string} field
   */
  async _do({ kind, line, change, deviceId, chosen }, field) {
    const panel = this._panel;
    const subject = { device_id: deviceId, line: line.automation_id };
    switch (kind) {
      case "comment":
        return panel.send("comment_plan_change", { change_id: change?.change_id, comment: field("comment") }, "no_answer_plan");
      case "restore":
        return panel.send("restore_plan_line", { change_id: change?.change_id, comment: field("comment") }, "no_answer_plan");
      case "save": {
        const saved = await panel.send("save_plan_values", { ...chosen?.asked, comment: field("comment") }, "no_answer_plan");
        if (!saved.change_id) throw new Error(panel.text("no_answer_plan"));
        return chosen?.done();
      }
      case "off":
      case "on":
        return panel.send("set_plan_line", { automation_id: line.automation_id, on: kind === "on" }, "no_answer_plan");
      case "pause":
      case "pause_all": {
        const until = new Date(panel.now + Number(field("hours")) * HOUR).toISOString();
        return panel.call("pause", { ...subject, reason: field("reason"), until }, "no_answer_plan");
      }
      default:
        return panel.call("resume", subject, "no_answer_plan");
    }
  }
}
