// @ts-check
/** What the last days would have given with other values in a line of the handlingsplan; what was tried can be saved. */

import { html, nothing } from "./lit-html.js";

/** @import { PlanLine, PlanValue } from "./types" */
/** @import { Chosen } from "./plan_dialog.js" */
/** @import { Panel } from "./panel.js" */

const DAYS = 14;
/** A long history on a small hub takes its time (ms). */
const PATIENCE = 30_000;
const SILENCE = "no_answer_what_if";
/** Longer than any line waits (s). */
const LONGEST = 31 * 86_400;
const UNITS = /** @type {const} */ ({ h: 3600, min: 60, s: 1 });
const UNIT_WORDS = /** @type {const} */ ({ h: "unit_h", min: "unit_min", s: "unit_s" });
const UNKNOWN_WORDS = /** @type {const} */ ({
  recorded_since: "unknown_recorded_since",
  no_history: "unknown_no_history",
  no_sources: "unknown_no_sources",
  hub_off: "unknown_hub_off",
  paused: "unknown_paused",
  conditions: "unknown_conditions",
});
/** Inputs that change who is told and how, and not when. */
const NOT_TRIED = new Set(["brukare", "tell_staff", "tell_relatives"]);
/** Selectors of what a line listens to: shown, and changed in the editor. */
const SHOWN = new Set(["entity", "target", "device", "area"]);

/** @typedef {{ name?: string, default?: unknown, selector?: Record<string, any>, input?: Record<string, Input> }} Input */
/** @typedef {{ number: string, unit: keyof typeof UNITS }} Span */
/**
 * A value that can be changed: how it is shown, and as what it began.
 * @typedef {{ key: string, label: string, kind: "duration" | "time" | "number" | "boolean" | "select", options: any,
 *   value: Span | string | boolean, began: Span | string | boolean }} Field
 */
/** @typedef {{ at: string, sources: string[] }} WouldBe */
/** @typedef {{ count: number, paused: number, days: { date: string, count: number }[], alarms: WouldBe[] }} Setting */
/** @typedef {{ kind: string, from?: string, to?: string, sources?: string[] }} Unknown */
/**
 * @typedef {{ since: string, until: string, now: Setting, then: Setting, unknown: Unknown[],
 *   actual: { count: number, repeated: number, false: number, cut: boolean } }} Answer
 */

/** @param {unknown} value a duration as Home Assistant stores it; returns seconds */
const secondsOf = (value) => {
  if (typeof value === "number") return value;
  if (typeof value === "string") {
    const parts = value.split(":").map(Number);
    return parts.length > 1 ? (parts[0] ?? 0) * 3600 + (parts[1] ?? 0) * 60 + (parts[2] ?? 0) : parts[0] || 0;
  }
  const { days = 0, hours = 0, minutes = 0, seconds = 0 } = /** @type {Record<string, number>} */ (value ?? {});
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
};

/** @param {unknown} value @returns {Span} */
const spanOf = (value) => {
  const seconds = secondsOf(value);
  const unit = seconds && seconds % 3600 === 0 ? "h" : seconds % 60 === 0 ? "min" : "s";
  return { number: String(seconds / UNITS[unit]), unit };
};

/** @param {number} seconds @returns {Record<string, number>} as Home Assistant's editor stores it */
const durationOf = (seconds) => ({
  hours: Math.floor(seconds / 3600),
  minutes: Math.floor((seconds % 3600) / 60),
  seconds: seconds % 60,
});

/**
 * The inputs of a blueprint, those in sections too, in their order.
 * @param {Record<string, Input>} inputs
 * @returns {[string, Input][]}
 */
const flatten = (inputs) =>
  Object.entries(inputs).flatMap(([key, input]) => (input?.input ? flatten(input.input) : [/** @type {[string, Input]} */ ([key, input ?? {}])]));

export class WhatIf {
  /**
   * @param {Panel} panel
   * @param {PlanLine} line
   * @param {() => void} onClose
   * @param {(chosen: Chosen) => void} onSave
   */
  constructor(panel, line, onClose, onSave) {
    this._panel = panel;
    this._line = line;
    this._onClose = onClose;
    this._onSave = onSave;
    // What the values that are shown became by: whoever has changed the line since is not overruled.
    this._seen = line.changes[0]?.change_id ?? "";
    /** @type {Field[] | null} */
    this._fields = null;
    /** @type {{ label: string, value: string }[]} */
    this._shown = [];
    /** @type {Answer | null} */
    this._answer = null;
    /** @type {Map<Setting, Map<string, string[]>>} */
    this._times = new Map();
    this._error = "";
    this._isCounting = false;
    this._hasLeft = false;
    this._id = `what-if-${line.rule.replace(/\W/g, "-")}`;
    this._load();
  }

  leave() {
    this._hasLeft = true;
  }

  // --- the values ------------------------------------------------------------------------------------

  /** Ask Home Assistant which values the line's blueprint has. */
  async _load() {
    try {
      const asked = this._panel.hass.connection.sendMessagePromise({ type: "blueprint/list", domain: "automation" });
      const found = (await this._panel._wait(asked, SILENCE))[this._line.blueprint ?? ""];
      if (!found?.metadata) throw new Error(found?.error || this._panel.text("what_if_no_blueprint"));
      this._take(flatten(found.metadata.input ?? {}));
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._draw();
    if (!this._hasLeft) queueMicrotask(() => /** @type {HTMLElement | null} */ (this._panel.shadowRoot?.querySelector(`#${this._id}`))?.focus());
  }

  /** @param {[string, Input][]} inputs */
  _take(inputs) {
    const said = new Map((this._line.values ?? []).map((each) => [each.key, each]));
    this._fields = [];
    for (const [key, input] of inputs) {
      if (NOT_TRIED.has(key)) continue;
      const label = said.get(key)?.name ?? input.name ?? key;
      const kind = Object.keys(input.selector ?? {})[0] ?? "";
      const value = this._line.inputs?.[key] ?? input.default;
      if (SHOWN.has(kind)) this._shown.push({ label, value: said.get(key)?.value ?? "" });
      const field = this._field(key, label, kind, input.selector?.[kind] ?? {}, value);
      if (field) this._fields.push(field);
    }
  }

  /**
   * @param {string} key
   * @param {string} label
   * @param {string} kind
   * @param {any} options
   * @param {unknown} stored
   * @returns {Field | null}
   */
  _field(key, label, kind, options, stored) {
    /** @type {Record<string, (value: any) => Span | string | boolean>} */
    const kinds = {
      duration: (value) => spanOf(value),
      time: (value) => String(value ?? "").slice(0, 5),
      number: (value) => String(value ?? ""),
      boolean: (value) => Boolean(value),
      select: (value) => String(value ?? ""),
    };
    const make = kinds[kind];
    if (!make || (kind === "select" && options.multiple)) return null;
    const value = make(stored);
    return { key, label, kind: /** @type {Field["kind"]} */ (kind), options, value, began: value };
  }

  /** Only what was changed is asked about, and saved: the rest the hub knows better. */
  get _changed() {
    return (this._fields ?? []).filter((field) => JSON.stringify(field.value) !== JSON.stringify(field.began));
  }

  get _chosen() {
    return Object.fromEntries(this._changed.map((field) => [field.key, this._asStored(field)]));
  }

  /** @param {Field} field */
  _asStored({ kind, value }) {
    if (typeof value === "object") return durationOf(Math.round(Number(value.number) * UNITS[value.unit]));
    if (kind === "number") return Number(value);
    if (kind === "time") return `${value}:00`;
    return value;
  }

  /** @returns {PlanValue[]} what would be saved, in words */
  get _told() {
    return this._changed.map((field) => ({
      key: field.key,
      name: field.label,
      old: this._say(field, field.began),
      new: this._say(field, field.value),
    }));
  }

  /**
   * @param {Field} field
   * @param {Field["value"]} value
   */
  _say({ options }, value) {
    const panel = this._panel;
    if (typeof value === "object") return `${value.number} ${panel.text(UNIT_WORDS[value.unit])}`;
    if (typeof value === "boolean") return panel.text(value ? "yes" : "no");
    const choice = (options.options ?? []).find((/** @type {any} */ each) => each?.value === value);
    return choice?.label ?? [value, options.unit_of_measurement].filter(Boolean).join(" ");
  }

  // --- the answer ------------------------------------------------------------------------------------

  async _count() {
    if (this._isCounting) return;
    this._isCounting = true;
    this._error = "";
    this._answer = null;
    this._draw();
    try {
      const inputs = this._chosen;
      const asked = { rule: this._line.rule, brukare_id: this._line.brukare_id, inputs, days: DAYS };
      /** @type {Answer} */
      const answer = await this._panel.send("what_if", asked, SILENCE, PATIENCE);
      this._times = new Map([answer.now, answer.then].map((setting) => [setting, this._byDay(setting)]));
      // Whoever has changed a value meanwhile would take this for its answer.
      if (JSON.stringify(inputs) === JSON.stringify(this._chosen)) this._answer = answer;
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._isCounting = false;
    this._draw();
  }

  /**
   * At what times alarms would have come on each day; counted once, for the panel draws each second.
   * @param {Setting} setting
   */
  _byDay({ alarms }) {
    const zone = { timeZone: this._panel.hass.config.time_zone };
    const day = new Intl.DateTimeFormat("sv", zone);
    const clock = new Intl.DateTimeFormat("sv", { ...zone, hour: "2-digit", minute: "2-digit" });
    /** @type {Map<string, string[]>} */
    const found = new Map();
    for (const { at } of alarms) {
      const date = day.format(new Date(at));
      found.set(date, [...(found.get(date) ?? []), clock.format(new Date(at))]);
    }
    return found;
  }

  _draw() {
    if (!this._hasLeft) this._panel.ask();
  }

  // --- how it looks ----------------------------------------------------------------------------------

  /** @param {PlanLine} line as it is now */
  template(line) {
    const panel = this._panel;
    const isOld = (line.changes[0]?.change_id ?? "") !== this._seen;
    const isStill = !panel.isOnline || isOld;
    const submit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this._count();
    };
    return html`
      <section class="what-if" aria-labelledby=${this._id}>
        <h3 id=${this._id} tabindex="-1">${panel.text("what_if")}</h3>
        <p class="hint">${panel.text("what_if_hint", { days: DAYS })}</p>
        ${isOld ? html`<p class="notice bad" role="alert">${panel.text("what_if_old")}</p>` : nothing}
        ${this._fields
          ? html`
              ${this._shown.length
                ? html`<dl>${this._shown.map((each) => html`<dt>${each.label}</dt><dd class="lines">${each.value}</dd>`)}</dl>`
                : nothing}
              <form class="filters" @submit=${submit}>
                ${this._fields.map((field) => this._input(field))}
                <button class="button small main" ?disabled=${isStill || this._isCounting}>
                  ${panel.text(this._isCounting ? "what_if_counting" : "what_if_count")}
                </button>
              </form>
            `
          : this._error
            ? nothing
            : html`<p role="status">${panel.text("loading")}</p>`}
        ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
        <div role="status">${this._answer ? this._summary(this._answer) : nothing}</div>
        ${this._answer ? this._details(this._answer) : nothing}
        <div class="others">
          ${this._answer && this._changed.length
            ? html`<button class="button small main" ?disabled=${isStill} @click=${() => this._save()}>${panel.text("what_if_save")}</button>`
            : nothing}
          ${this._editor()}
          <button class="button small" @click=${() => this._onClose()}>${panel.text("what_if_close")}</button>
        </div>
      </section>
    `;
  }

  /** @param {Field} field */
  _input(field) {
    const set = (/** @type {Field["value"]} */ value) => {
      field.value = value;
      // An answer beside other values would be taken for theirs.
      this._answer = null;
      this._draw();
    };
    const of = (/** @type {Event} */ event) => /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;
    const { value, label, options } = field;
    if (typeof value === "object") return this._span(field, value, set);
    if (typeof value === "boolean") {
      const checked = (/** @type {Event} */ event) => set(/** @type {HTMLInputElement} */ (event.target).checked);
      return html`<label class="check"><input type="checkbox" .checked=${value} @change=${checked} /> ${label}</label>`;
    }
    if (field.kind === "select") {
      /** @type {{ value: string, label: string }[]} */
      const choices = (options.options ?? []).map((/** @type {any} */ each) => (typeof each === "string" ? { value: each, label: each } : each));
      return html`<label class="field">${label}
        <select @change=${(/** @type {Event} */ event) => set(of(event))}>
          ${choices.map((each) => html`<option value=${each.value} ?selected=${each.value === value}>${each.label}</option>`)}
        </select></label>`;
    }
    if (field.kind === "time") {
      return html`<label class="field">${label} <input type="time" required .value=${value} @change=${(/** @type {Event} */ event) => set(of(event))} /></label>`;
    }
    const unit = options.unit_of_measurement ? ` (${options.unit_of_measurement})` : "";
    return html`<label class="field">${label}${unit}
      <input type="number" required min=${options.min ?? nothing} max=${options.max ?? nothing} step=${options.step ?? "any"} .value=${value}
        @change=${(/** @type {Event} */ event) => set(of(event))} /></label>`;
  }

  /**
   * @param {Field} field
   * @param {Span} value
   * @param {(value: Span) => void} set
   */
  _span({ label }, value, set) {
    const panel = this._panel;
    const of = (/** @type {Event} */ event) => /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;
    return html`
      <div class="field" role="group" aria-label=${label}>
        <span aria-hidden="true">${label}</span>
        <span class="span">
          <input type="number" required min="0" max=${LONGEST / UNITS[value.unit]} step="any" inputmode="decimal" aria-label=${label} .value=${value.number}
            @change=${(/** @type {Event} */ event) => set({ ...value, number: of(event) })} />
          <select aria-label=${panel.text("what_if_unit", { name: label })}
            @change=${(/** @type {Event} */ event) => set({ ...value, unit: /** @type {Span["unit"]} */ (of(event)) })}>
            ${Object.entries(UNIT_WORDS).map(([unit, word]) => html`<option value=${unit} ?selected=${unit === value.unit}>${panel.text(word)}</option>`)}
          </select>
        </span>
      </div>
    `;
  }

  /** @param {Answer} answer */
  _summary({ now, then, actual, since }) {
    const panel = this._panel;
    const real = [
      panel.text("what_if_actual", { count: actual.count, false: actual.false, since: panel.time(since) }),
      actual.repeated ? panel.text("what_if_repeated", { count: actual.repeated }) : "",
      actual.cut ? panel.text("cut") : "",
    ];
    return html`
      <p class="response">${panel.text("what_if_sum", { now: now.count, then: then.count })}</p>
      <p>${real.filter(Boolean).join(" ")}</p>
      ${now.paused || then.paused ? html`<p>${panel.text("what_if_in_pause", { now: now.paused, then: then.paused })}</p>` : nothing}
    `;
  }

  /** @param {Answer} answer */
  _details({ now, then, unknown }) {
    const panel = this._panel;
    const named = (/** @type {string} */ date) =>
      new Date(`${date}T12:00:00Z`).toLocaleDateString(panel.hass.language, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
    const cell = (/** @type {Setting} */ setting, /** @type {number} */ index, /** @type {string} */ date) => {
      const times = this._times.get(setting)?.get(date) ?? [];
      const count = setting.days[index]?.count ?? 0;
      return count ? html`<b>${count}</b> ${times.length ? html`<span class="hint">${times.join(", ")}</span>` : nothing}` : html`0`;
    };
    return html`
      ${unknown.length ? html`<h4>${panel.text("what_if_unknown")}</h4><ul>${unknown.map((each) => html`<li>${this._unknown(each)}</li>`)}</ul>` : nothing}
      <table class="compare">
        <caption class="unseen">${panel.text("what_if_by_day")}</caption>
        <thead>
          <tr><th scope="col">${panel.text("what_if_day")}</th><th scope="col">${panel.text("now")}</th><th scope="col">${panel.text("what_if_then")}</th></tr>
        </thead>
        <tbody>
          ${now.days.map(({ date }, index) => html`<tr><th scope="row">${named(date)}</th><td>${cell(now, index, date)}</td><td>${cell(then, index, date)}</td></tr>`).reverse()}
        </tbody>
      </table>
    `;
  }

  /** @param {Unknown} unknown */
  _unknown({ kind, from, to, sources }) {
    return this._panel.text(UNKNOWN_WORDS[/** @type {keyof typeof UNKNOWN_WORDS} */ (kind)], {
      from: this._panel.time(from),
      to: this._panel.time(to),
      sources: sources?.join(", ") ?? "",
    });
  }

  /** What was tried is what is saved: a value that is changed takes the answer away, and this with it. */
  _save() {
    const { rule, brukare_id } = this._line;
    this._onSave({
      values: this._told,
      asked: { rule, brukare_id, inputs: this._chosen, seen: this._seen },
      isAnew: this._changed.some((field) => field.kind !== "duration"),
      done: () => this._onClose(),
    });
  }

  /** The line in Home Assistant's own editor, where everything can be changed. */
  _editor() {
    const path = `/config/automation/edit/${encodeURIComponent(this._line.rule)}`;
    const pressed = (/** @type {MouseEvent} */ event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      history.pushState(null, "", path);
      window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
    };
    return html`<a class="button small" href=${path} @click=${pressed}>${this._panel.text("what_if_edit")}</a>`;
  }
}
