// @ts-check
/** Larm: the open alarms, and one of them large with what to do about it. */

import { Acts } from "./alarms_acts.js";
import { listTemplate } from "./alarms_list.js";
import { backTemplate, oneTemplate } from "./alarms_one.js";
import { html, nothing } from "./lit-html.js";

/** @import { Alarm, Person, View } from "./types" */
/** @import { Told } from "./alarms_one.js" */
/** @import { Feed } from "./feed.js" */
/** @import { Panel } from "./panel.js" */

/**
 * What was opened when Home Assistant took the panel away from under an address that stayed, as it does when it starts
 * again: nobody has opened anything anew when it comes back.
 * @type {{ alarmId: string, person: Person } | null}
 */
let kept = null;

/** @implements {View} */
export class AlarmsView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    this._alarmId = "";
    /** @type {Feed<Told> | null} */
    this._feed = null;
    this._acts = new Acts(panel, "");
    /** @type {Person | null} */
    this._person = null;
    this._isAsked = false;
    this._personError = "";
  }

  /** @param {string} alarmId */
  open(alarmId) {
    this.leave();
    this._alarmId = alarmId;
    this._acts = new Acts(this._panel, alarmId);
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
    this._person = null;
    this._isAsked = false;
    this._personError = "";
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

  template() {
    const instead = this._panel.instead(this._panel.open);
    if (instead) return instead;
    return html`<div class="alarms ${this._alarmId ? "one" : "list"}">
      ${listTemplate(this._panel, this._alarmId)}${this._alarmId ? this._one() : nothing}
    </div>`;
  }

  _one() {
    const told = this._feed?.state;
    if (!told) return html`<article>${backTemplate(this._panel, this._alarmId)}${this._panel.instead(this._feed)}</article>`;
    const who = { person: this._person, error: this._personError, show: () => this._showPerson() };
    return oneTemplate(this._panel, { told, who, acts: this._acts });
  }
}
