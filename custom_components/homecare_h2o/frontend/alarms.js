// @ts-check
/** Larm: the open alarms, most urgent first, and one of them large with what to do about it. */

import { html, nothing } from "./lit-html.js";
import { timelineTemplate } from "./timeline.js";

/** @import { Alarm, Entry, Person, View } from "./types" */
/** @import { Feed } from "./feed.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

const OUTCOMES = ["help_given", "no_help_needed", "external_contact", "technical_fault", "false_alarm"];
const SURE_WITHIN = 5_000;

/**
 * What was opened when Home Assistant took the panel away from under an address that stayed, as it does when it starts
 * again: nobody has opened anything anew when it comes back.
 * @type {{ alarmId: string, person: Person } | null}
 */
let kept = null;

/**
 * A telephone number as it is said in Sweden; any other as it is.
 * @param {string} number
 */
const asSaid = (number) => number.replace(/^\+46(7\d)(\d{3})(\d\d)(\d\d)$/, "0$1-$2 $3 $4");

/** @typedef {{ alarm: Alarm, timeline: Entry[], phones: { phone: string, step: number, status: string, text: string }[] }} Told */

/** @implements {View} */
export class AlarmsView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    this._alarmId = "";
    /** @type {Feed<Told> | null} */
    this._feed = null;
    /** @type {Person | null} */
    this._person = null;
    this._isAsked = false;
    this._personError = "";
    /** @type {"" | "outcome" | "groups"} */
    this._choosing = "";
    this._sending = "";
    this._error = "";
    this._sureUntil = 0;
  }

  /** Begin with nothing opened, chosen or pressed. */
  _forget() {
    this._person = null;
    this._isAsked = false;
    this._personError = this._choosing = this._sending = this._error = "";
    this._sureUntil = 0;
  }

  /** @param {string} alarmId */
  open(alarmId) {
    this.leave();
    this._alarmId = alarmId;
    if (kept?.alarmId === alarmId) {
      this._person = kept.person;
      this._isAsked = true;
    }
    kept = null;
    if (alarmId) this._feed = this._panel.follow("alarm", { alarm_id: alarmId }, () => this._onTold());
  }

  leave() {
    const isStill = Boolean(this._alarmId) && location.pathname.endsWith(`/alarm/${this._alarmId}`);
    if (isStill && this._person) kept = { alarmId: this._alarmId, person: this._person };
    this._feed?.stop();
    this._feed = null;
    this._alarmId = "";
    this._forget();
  }

  /** @returns {Alarm | null} */
  get _alarm() {
    return this._feed?.state?.alarm ?? null;
  }

  _onTold() {
    const alarm = this._alarm;
    if (alarm?.open && this._panel.may("person")) this._showPerson();
    // What was opened for the sake of an alarm is gone with it.
    if (alarm && !alarm.open && !this._panel.may("any_person")) this._person = null;
    if (this._feed?.status === "refused") this._person = null;
    this._panel.ask();
  }

  /** Open who and where, once for each opening of the alarm: the hub journals it. */
  async _showPerson() {
    if (this._isAsked) return;
    this._isAsked = true;
    const alarmId = this._alarmId;
    try {
      const person = await this._panel.send("person", { alarm_id: alarmId });
      if (alarmId === this._alarmId) this._person = person;
      this._personError = "";
    } catch (error) {
      if (alarmId !== this._alarmId) return;
      this._personError = /** @type {Error} */ (error).message;
      // The next sign of life of the hub asks again.
      this._isAsked = false;
    }
    this._panel.ask();
  }

  /**
   * @param {string} act
   * @param {Record<string, unknown>} [data]
   */
  async _act(act, data = {}) {
    if (this._sending) return;
    const alarmId = this._alarmId;
    this._sending = act;
    this._error = "";
    this._panel.ask();
    try {
      await this._panel.send("act", { alarm_id: alarmId, act, ...data });
      if (alarmId === this._alarmId) this._choosing = "";
    } catch (error) {
      if (alarmId === this._alarmId) this._error = /** @type {Error} */ (error).message;
    }
    if (alarmId === this._alarmId) this._sending = "";
    this._panel.ask();
  }

  // --- what is seen ------------------------------------------------------------------------------

  template() {
    const instead = this._panel.instead(this._panel.open);
    if (instead) return instead;
    return html`<div class="alarms ${this._alarmId ? "one" : "list"}">${this._list()}${this._alarmId ? this._detail() : nothing}</div>`;
  }

  _list() {
    const panel = this._panel;
    const open = panel.open?.state;
    const alarms = open?.alarms ?? [];
    return html`
      <section class="open" aria-labelledby="open">
        <h1 id="open">${alarms.length ? panel.text("open_alarms") : panel.text("no_alarms")}</h1>
        <ul>
          ${alarms.map((alarm) => html`<li>${this._row(alarm)}</li>`)}
        </ul>
        <p class="duty">${panel.text("on_duty")}: ${open?.on_duty.join(", ") || panel.text("nobody")}</p>
      </section>
    `;
  }

  /** @param {Alarm} alarm */
  _row(alarm) {
    const panel = this._panel;
    const content = html`
      <strong>${panel.word("alarm_type", alarm.alarm_type)}</strong>
      <span class="age">${panel.age(alarm.raised_at)}</span>
      <span>${alarm.code} · ${panel.time(alarm.due_at)}</span>
      <span>${this._standing(alarm)}</span>
    `;
    return panel.link(`/alarm/${alarm.alarm_id}`, content, {
      kind: `row ${this._urgency(alarm)}`,
      current: alarm.alarm_id === this._alarmId,
    });
  }

  /** @param {Alarm} alarm */
  _urgency(alarm) {
    if (!alarm.open) return "over";
    return ["raised", "escalated"].includes(alarm.state) ? alarm.priority : "taken";
  }

  /**
   * Where an alarm is on its way, in words.
   * @param {Alarm} alarm
   */
  _standing(alarm) {
    const panel = this._panel;
    switch (alarm.state) {
      case "raised":
        return panel.text("waiting");
      case "escalated":
        return alarm.level ? panel.text("level", { level: alarm.level + 1 }) : panel.text("waiting");
      case "acknowledged":
        return alarm.taken_by_me ? panel.text("taken_by_me") : panel.text("taken_by", { taker: alarm.taker ?? "" });
      case "done":
        return panel.text("done_wait");
      default:
        return `${panel.text("closed", { time: panel.time(alarm.closed_at) })}: ${panel.word("outcome", alarm.outcome)}`;
    }
  }

  _detail() {
    const panel = this._panel;
    const told = this._feed?.state;
    if (!told) return html`<article>${this._back()}${panel.instead(this._feed)}</article>`;
    const alarm = told.alarm;
    return html`
      <article aria-labelledby="alarm">
        ${this._back()}
        <div class="band ${this._urgency(alarm)}">
          <h1 id="alarm">${panel.word("alarm_type", alarm.alarm_type)}</h1>
          ${alarm.open ? html`<span class="age">${panel.age(alarm.raised_at)}</span>` : nothing}
          <p class="response">${alarm.response || panel.word("response", alarm.alarm_type)}</p>
          <p>
            ${alarm.code} · ${panel.text("due_at", { time: panel.time(alarm.due_at) })}${alarm.late ? ` · ${panel.text("late")}` : nothing}
          </p>
          <p>${this._standing(alarm)}</p>
          ${alarm.declined_by_me && alarm.open && !alarm.taker ? html`<p>${panel.text("declined_by_me")}</p>` : nothing}
        </div>
        ${this._who(alarm)} ${this._what(alarm)} ${this._habits()}
        ${timelineTemplate(panel, told)} ${this._notes(alarm)}
        ${alarm.open && panel.may("handle") ? this._actions(alarm) : nothing}
      </article>
    `;
  }

  _back() {
    return this._panel.link("/alarms", html`<span aria-hidden="true">‹</span> ${this._panel.text("back")}`, { kind: "back" });
  }

  /** @param {Alarm} alarm */
  _who(alarm) {
    const panel = this._panel;
    const person = this._person;
    if (person) {
      const missing = html`<span class="missing">${panel.text("not_written")}</span>`;
      return html`
        <section class="card who" aria-labelledby="who">
          <h2 id="who">${person.name || person.code}</h2>
          <p class="address">${person.address || missing}</p>
          <h3>${panel.text("key_information")}</h3>
          <p class="lines">${person.key_information || missing}</p>
          ${person.telephone
            ? html`<a class="button call" href="tel:${person.telephone}">${panel.text("call", { number: asSaid(person.telephone) })}</a>`
            : nothing}
        </section>
      `;
    }
    if (this._personError) return html`<p class="notice error" role="alert">${panel.text("person_failed", { why: this._personError })}</p>`;
    if (alarm.open || !panel.may("any_person")) return nothing;
    return html`<section class="card">
      <button class="button" @click=${() => this._showPerson()}>${panel.text("show_person")}</button>
      <p class="hint">${panel.text("person_logged")}</p>
    </section>`;
  }

  /** @param {Alarm} alarm */
  _what(alarm) {
    const panel = this._panel;
    const rooms = alarm.sources.map((source) => (source.area ? `${source.area}: ${source.name}` : source.name));
    return html`
      <section class="card" aria-labelledby="what">
        <h2 id="what">${alarm.message || panel.word("larmtext", alarm.alarm_type)}</h2>
        <dl>
          <dt>${panel.text("response")}</dt>
          <dd>${alarm.response || panel.word("response", alarm.alarm_type)}</dd>
          <dt>${panel.text("response_time")}</dt>
          <dd>${panel.length(alarm.response_seconds * 1000)}</dd>
          ${rooms.length ? html`<dt>${panel.text("sensors")}</dt><dd>${rooms.map((room) => html`<span class="line">${room}</span>`)}</dd>` : nothing}
          ${alarm.repetitions ? html`<dt></dt><dd>${panel.text("times", { times: alarm.repetitions + 1 })}</dd>` : nothing}
          ${alarm.state === "acknowledged" ? html`<dt></dt><dd>${panel.text("answer_before", { time: panel.time(alarm.next_deadline_at) })}</dd>` : nothing}
        </dl>
      </section>
    `;
  }

  _habits() {
    const { instructions, habits } = this._person ?? {};
    if (!instructions && !habits) return nothing;
    const part = (/** @type {Word} */ word, /** @type {string | null | undefined} */ text) =>
      text ? html`<h2>${this._panel.text(word)}</h2><p class="lines">${text}</p>` : nothing;
    return html`<section class="card">${part("instructions", instructions)}${part("habits", habits)}</section>`;
  }

  // --- what can be done --------------------------------------------------------------------------

  /** @param {Alarm} alarm */
  _actions(alarm) {
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
   */
  _button(act, word, pressed, kind = "") {
    const label = this._sending === act ? this._panel.text("sending") : this._panel.text(word);
    return html`<button class="button ${kind}" ?disabled=${!this._panel.isOnline || Boolean(this._sending)} @click=${pressed}>${label}</button>`;
  }

  /** @param {Alarm} alarm */
  _buttons(alarm) {
    const isSure = this._panel.now < this._sureUntil;
    const falseAlarm = this._button("false_alarm", isSure ? "false_alarm_sure" : "false_alarm", () => this._pressFalse(), isSure ? "sure" : "");
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
        ${alarm.declined_by_me ? nothing : this._button("decline", "decline", () => this._act("decline"))} ${handOver} ${falseAlarm}
      </div>
    `;
  }

  /** A false alarm is closed at once, so a wet thumb has to mean it. */
  _pressFalse() {
    if (this._panel.now < this._sureUntil) {
      this._sureUntil = 0;
      this._act("false_alarm");
    } else {
      this._sureUntil = this._panel.now + SURE_WITHIN;
      this._panel.ask();
    }
  }

  /** @param {"" | "outcome" | "groups"} what */
  _choose(what) {
    this._choosing = what;
    this._error = "";
    this._panel.ask();
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
    return html`
      <h2>${panel.text("hand_over_to")}</h2>
      <div class="others">
        ${groups.map(
          (group) =>
            html`<button
              class="button"
              ?disabled=${!panel.isOnline || Boolean(this._sending)}
              @click=${() => this._act("hand_over", { group: group.group_id })}
            >
              ${group.name}
            </button>`,
        )}
        <button class="button" @click=${() => this._choose("")}>${panel.text("cancel")}</button>
      </div>
    `;
  }

  /** @param {Alarm} alarm */
  _notes(alarm) {
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
