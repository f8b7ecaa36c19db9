// @ts-check
/** The open alarms, most urgent first, and where each of them is on its way. */

import { html } from "./lit-html.js";

/** @import { Alarm } from "./types" */
/** @import { Panel } from "./panel.js" */

/** @param {Alarm} alarm */
export const urgency = (alarm) => {
  if (!alarm.open) return "over";
  return ["raised", "escalated"].includes(alarm.state) ? alarm.priority : "taken";
};

/**
 * Where an alarm is on its way, in words.
 * @param {Panel} panel
 * @param {Alarm} alarm
 */
export const standing = (panel, alarm) => {
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
};

/**
 * @param {Panel} panel
 * @param {Alarm} alarm
 * @param {boolean} isCurrent
 */
const rowTemplate = (panel, alarm, isCurrent) => {
  const content = html`
    <strong>${panel.word("alarm_type", alarm.alarm_type)}</strong>
    <span class="age">${panel.age(alarm.raised_at)}</span>
    <span>${alarm.code} · ${panel.time(alarm.due_at)}</span>
    <span>${standing(panel, alarm)}</span>
  `;
  return panel.link(`/alarm/${alarm.alarm_id}`, content, {
    kind: `row ${urgency(alarm)}`,
    current: isCurrent,
  });
};

/**
 * @param {Panel} panel
 * @param {string} alarmId the one that is open beside the list
 */
export const listTemplate = (panel, alarmId) => {
  const open = panel.open?.state;
  const alarms = open?.alarms ?? [];
  return html`
    <section class="open" aria-labelledby="open">
      <h1 id="open">${alarms.length ? panel.text("open_alarms") : panel.text("no_alarms")}</h1>
      <ul>
        ${alarms.map((alarm) => html`<li>${rowTemplate(panel, alarm, alarm.alarm_id === alarmId)}</li>`)}
      </ul>
      <p class="duty">${panel.text("on_duty")}: ${open?.on_duty.join(", ") || panel.text("nobody")}</p>
    </section>
  `;
};
