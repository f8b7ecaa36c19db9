// @ts-check
/** One alarm, large: what has happened, to whom and where, and what to do about it. */

import { standing, urgency } from "./alarms_list.js";
import { html, nothing } from "./lit-html.js";
import { timelineTemplate } from "./timeline.js";

/** @import { Acts } from "./alarms_acts.js" */
/** @import { Alarm, Entry, Person } from "./types" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

/** @typedef {{ alarm: Alarm, timeline: Entry[], phones: { phone: string, step: number, status: string, text: string }[] }} Told */

/**
 * @typedef {{ person: Person | null, error: string, show: () => void }} Who who it is about, once opened; or why it could
 *   not be; or what opens it
 */

/**
 * A telephone number as it is said in Sweden; any other as it is.
 * @param {string} number
 */
const asSaid = (number) => number.replace(/^\+46(7\d)(\d{3})(\d\d)(\d\d)$/, "0$1-$2 $3 $4");

/**
 * The way back, and how many other alarms wait there: where the list does not fit beside, nobody would see them come.
 * @param {Panel} panel
 * @param {string} alarmId
 */
export const backTemplate = (panel, alarmId) => {
  const isWaiting = (/** @type {Alarm} */ alarm) => ["raised", "escalated"].includes(alarm.state) && alarm.alarm_id !== alarmId;
  const count = panel.open?.state?.alarms.filter(isWaiting).length;
  const more = count ? html`<b class="count">${panel.text("more_waiting", { count })}</b>` : nothing;
  return panel.link("/alarms", html`<span aria-hidden="true">‹</span> ${panel.text("back")} ${more}`, { kind: "back" });
};

/**
 * @param {Panel} panel
 * @param {Alarm} alarm
 * @param {Who} who
 */
const whoTemplate = (panel, alarm, { person, error, show }) => {
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
  if (error) return html`<p class="notice error" role="alert">${panel.text("person_failed", { why: error })}</p>`;
  if (alarm.open || !panel.may("any_person")) return nothing;
  return html`<section class="card">
    <button class="button" @click=${show}>${panel.text("show_person")}</button>
    <p class="hint">${panel.text("person_logged")}</p>
  </section>`;
};

/**
 * @param {Panel} panel
 * @param {Alarm} alarm
 */
const whatTemplate = (panel, alarm) => {
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
};

/**
 * @param {Panel} panel
 * @param {Person | null} person
 */
const habitsTemplate = (panel, person) => {
  const { instructions, habits } = person ?? {};
  if (!instructions && !habits) return nothing;
  const part = (/** @type {Word} */ word, /** @type {string | null | undefined} */ text) =>
    text ? html`<h2>${panel.text(word)}</h2><p class="lines">${text}</p>` : nothing;
  return html`<section class="card">${part("instructions", instructions)}${part("habits", habits)}</section>`;
};

/**
 * @param {Panel} panel
 * @param {{ told: Told, who: Who, acts: Acts }} all
 */
export const oneTemplate = (panel, { told, who, acts }) => {
  const alarm = told.alarm;
  return html`
    <article aria-labelledby="alarm">
      ${backTemplate(panel, alarm.alarm_id)}
      <div class="band ${urgency(alarm)}">
        <h1 id="alarm">${panel.word("alarm_type", alarm.alarm_type)}</h1>
        ${alarm.open ? html`<span class="age">${panel.age(alarm.raised_at)}</span>` : nothing}
        ${alarm.open ? html`<p class="response">${alarm.response || panel.word("response", alarm.alarm_type)}</p>` : nothing}
        <p>
          ${alarm.code} · ${panel.text("due_at", { time: panel.time(alarm.due_at) })}${alarm.late ? ` · ${panel.text("late")}` : nothing}
        </p>
        <p>${standing(panel, alarm)}</p>
        ${alarm.declined_by_me && alarm.open && !alarm.taker ? html`<p>${panel.text("declined_by_me")}</p>` : nothing}
      </div>
      ${whoTemplate(panel, alarm, who)} ${whatTemplate(panel, alarm)} ${habitsTemplate(panel, who.person)}
      ${timelineTemplate(panel, told)} ${acts.notes(alarm)}
      ${alarm.open && panel.may("handle") ? acts.template(alarm) : nothing}
    </article>
  `;
};
