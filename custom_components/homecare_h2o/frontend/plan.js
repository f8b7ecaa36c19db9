// @ts-check
/** Handlingsplan: one brukare's lines, what they are set to, and what was changed, with what can be done about it. */

import { html, nothing } from "./lit-html.js";
import { PlanDialog } from "./plan_dialog.js";
import { changesTemplate } from "./plan_changes.js";

/** @import { Plan, PlanLine, Plans, View } from "./types" */
/** @import { Chosen } from "./plan_dialog.js" */
/** @import { Feed } from "./feed.js" */
/** @import { Panel } from "./panel.js" */
/** @import { Word } from "./texts.js" */

const MINUTE = 60_000;

/** @implements {View} */
export class PlanView {
  /** @param {Panel} panel */
  constructor(panel) {
    this._panel = panel;
    /** @type {Feed<Plans> | null} */
    this._feed = null;
    this._brukareId = "";
    this._error = "";
    this._dialog = new PlanDialog(panel);
    /** @type {{ rule: string, view: { template(line: PlanLine): unknown, leave(): void } } | null} */
    this._whatIf = null;
  }

  /** @param {string} brukareId */
  open(brukareId) {
    this.leave();
    this._brukareId = brukareId;
    this._feed = this._panel.follow("plan", brukareId ? { brukare_id: brukareId } : {});
  }

  leave() {
    this._feed?.stop();
    this._feed = null;
    this._error = "";
    this._dialog.leave();
    this._closeWhatIf();
  }

  template() {
    const panel = this._panel;
    const told = this._feed?.state;
    const instead = panel.instead(this._feed);
    if (instead || !told) return instead ?? html``;
    return html`<div class="page">${told.plan ? this._plan(told.plan, told.brukare.length > 1) : this._all(told)}</div>`;
  }

  /** @param {Plans} told */
  _all(told) {
    const panel = this._panel;
    return html`
      <h1>${panel.text("plan")}</h1>
      ${this._brukareId ? html`<p class="notice" role="status">${panel.text("no_such_plan")}</p>` : nothing}
      ${told.brukare.length ? nothing : html`<p class="notice">${panel.text("no_plans")}</p>`}
      <ul>
        ${told.brukare.map(
          (brukare) => html`<li>
            ${panel.link(
              `/plan/${encodeURIComponent(brukare.brukare_id)}`,
              html`<strong>${brukare.code}</strong><span></span>
                <span>${panel.text("plan_lines", { count: brukare.lines })}</span>
                ${brukare.not_watched ? html`<span class="bad">${panel.text("plan_not_watched", { count: brukare.not_watched })}</span>` : nothing}`,
              { kind: "row" },
            )}
          </li>`,
        )}
      </ul>
    `;
  }

  /**
   * @param {Plan} plan
   * @param {boolean} isOneOfSeveral
   */
  _plan(plan, isOneOfSeveral) {
    const panel = this._panel;
    return html`
      ${isOneOfSeveral ? panel.link("/plan", html`<span aria-hidden="true">‹</span> ${panel.text("all_plans")}`, { kind: "back" }) : nothing}
      <div class="bar">
        <div>
          <h1>${panel.text("plan")} ${plan.code}</h1>
          ${plan.created_at
            ? html`<p class="hint">${panel.text("plan_created", { time: panel.time(plan.created_at), who: plan.created_by })}</p>`
            : nothing}
        </div>
        ${this._pausing(plan)}
        <button class="button small" ?disabled=${!panel.isOnline} @click=${() => this._print(plan)}>${panel.text("print")}</button>
      </div>
      ${this._error ? html`<p class="error" role="alert">${panel.text("not_done", { why: this._error })}</p>` : nothing}
      ${plan.pause
        ? html`<p class="card"><span class="bad">${panel.text("paused", { time: panel.time(plan.pause.until) })}: ${plan.pause.reason}</span><br />${panel.text("paused_still")}</p>`
        : nothing}
      ${plan.lines.length ? nothing : html`<p class="notice bad">${panel.text("no_lines")}</p>`}
      ${plan.lines.map((line, index) => this._line(plan, line, `line-${index}`))}
      ${plan.deleted.length ? html`<h2 class="between">${panel.text("deleted_lines")}</h2>` : nothing}
      ${plan.deleted.map((line, index) => this._deleted(plan, line, `deleted-${index}`))} ${this._dialog.template(plan)}
    `;
  }

  /**
   * What pauses all of a brukare's lines at once, or ends that.
   * @param {Plan} plan
   */
  _pausing(plan) {
    const panel = this._panel;
    const kind = plan.pause ? "resume_all" : "pause_all";
    // Asked about as a line of its own: the code is its name.
    const line = { rule: "", name: plan.code, alarm_type: "", changes: [], changes_total: 0 };
    return html`<button class="button small" ?disabled=${!panel.isOnline || !plan.device_id} @click=${() => this._dialog.ask({ kind, line, deviceId: plan.device_id })}>
      ${panel.text(plan.pause ? "resume_line" : "pause_all", { code: plan.code })}
    </button>`;
  }

  /**
   * @param {Plan} plan
   * @param {PlanLine} line
   * @param {string} id
   */
  _line(plan, line, id) {
    const panel = this._panel;
    return html`
      <section class="card" aria-labelledby=${id}>
        <div class="columns two">
          <div>
            <h2 id=${id}>${line.name}</h2>
            <p class="hint">${panel.word("alarm_type", line.alarm_type)}</p>
            ${this._status(line)} ${this._facts(line)} ${this._values(line)}
            <div class="others">${this._actions(plan, line)}</div>
          </div>
          ${changesTemplate(panel, line, (kind, change) => this._dialog.ask({ kind, line, change }))}
        </div>
        ${this._whatIf?.rule === line.rule ? this._whatIf.view.template(line) : nothing}
      </section>
    `;
  }

  /**
   * @param {Plan} _plan
   * @param {PlanLine} line
   * @param {string} id
   */
  _deleted(_plan, line, id) {
    const panel = this._panel;
    return html`
      <section class="card" aria-labelledby=${id}>
        <h2 id=${id}>${line.name}</h2>
        <p class="hint">${panel.word("alarm_type", line.alarm_type)}</p>
        <p class="bad">${panel.text("deleted_at", { time: panel.time(line.deleted_at) })}</p>
        ${changesTemplate(panel, line, (kind, change) => this._dialog.ask({ kind, line, change }))}
      </section>
    `;
  }

  /** @param {PlanLine} line */
  _status(line) {
    const panel = this._panel;
    if (line.broken) return html`<p class="bad">${panel.text("line_broken")}</p>`;
    if (!line.on) return html`<p class="bad">${panel.text("line_off")}</p>`;
    if (line.paused_until) {
      const of_all = line.pause ? "" : ` (${panel.text("paused_with_others")})`;
      return html`<p class="bad">
        ${panel.text("line_paused", { time: panel.time(line.paused_until) })}${of_all}${line.pause ? `: ${line.pause.reason}` : nothing}
      </p>`;
    }
    if (!line.coverage) return nothing;
    const isWell = line.coverage === "watched";
    const since = line.since ? ` ${panel.text("since", { time: panel.time(line.since) })}` : "";
    return html`
      <p class=${isWell ? "good" : "bad"}>${panel.text("line_on")} · ${panel.word("coverage", line.coverage)}${since}</p>
      ${line.faults?.length
        ? html`<ul>
            ${line.faults.map((fault) => html`<li class="bad">${fault.area ? `${fault.area}, ` : ""}${fault.name}: ${panel.word("fault", fault.fault)}</li>`)}
          </ul>`
        : nothing}
    `;
  }

  /** @param {PlanLine} line */
  _facts(line) {
    const panel = this._panel;
    if (!line.response) return nothing;
    const watched = (line.watched_minutes ?? 0) + (line.not_watched_minutes ?? 0);
    /** @type {[Word, unknown][]} */
    const facts = [
      ["response", line.response],
      ["response_time", line.response_time],
      ["sensors", line.sensors?.join(", ")],
      ["active", line.active],
      ["plan_time", line.time?.join(", ")],
      ["placement", line.placement],
      ["adaptation", line.adaptation],
      ["told", line.told?.join("\n")],
      ["added", line.created_at ? panel.text("at_by", { time: panel.time(line.created_at), who: line.created_by }) : ""],
      [
        "watched_days",
        watched
          ? panel.text("watched_minutes", {
              watched: panel.length((line.watched_minutes ?? 0) * MINUTE),
              not: panel.length((line.not_watched_minutes ?? 0) * MINUTE),
            })
          : "",
      ],
    ];
    return html`<dl>
      ${facts.filter(([, value]) => value).map(([word, value]) => html`<dt>${panel.text(word)}</dt><dd class="lines">${value}</dd>`)}
    </dl>`;
  }

  /** @param {PlanLine} line */
  _values(line) {
    const panel = this._panel;
    if (!line.values?.length) return nothing;
    return html`<details>
      <summary>${panel.text("all_values")}</summary>
      <dl>
        ${line.values.map((value) => html`<dt>${value.name}</dt><dd class="lines">${value.value}</dd>`)}
      </dl>
    </details>`;
  }

  /**
   * @param {Plan} plan
   * @param {PlanLine} line
   */
  _actions(plan, line) {
    const panel = this._panel;
    const isStill = !panel.isOnline || !line.automation_id || Boolean(line.broken);
    const ask = (/** @type {"off" | "on" | "pause" | "resume"} */ kind) => this._dialog.ask({ kind, line, deviceId: plan.device_id });
    const isTrying = this._whatIf?.rule === line.rule;
    return html`
      ${line.blueprint && line.automation_id
        ? html`<button class="button small" data-try=${line.rule} aria-expanded=${isTrying ? "true" : "false"} ?disabled=${!panel.isOnline} @click=${() => this._try(line)}>
            ${panel.text("try_values")}
          </button>`
        : nothing}
      ${this._editor(line)}
      ${line.on
        ? html`
            ${line.pause
              ? html`<button class="button small" ?disabled=${isStill} @click=${() => ask("resume")}>${panel.text("resume_line")}</button>`
              : html`<button class="button small" ?disabled=${isStill} @click=${() => ask("pause")}>${panel.text("pause_line")}</button>`}
            <button class="button small" ?disabled=${isStill} @click=${() => ask("off")}>${panel.text("switch_off")}</button>
          `
        : html`<button class="button small main" ?disabled=${isStill} @click=${() => ask("on")}>${panel.text("switch_on")}</button>`}
    `;
  }

  /**
   * The line in Home Assistant's own editor, opened without loading the page.
   * @param {PlanLine} line
   */
  _editor(line) {
    const path = `/config/automation/edit/${encodeURIComponent(line.rule)}`;
    const pressed = (/** @type {MouseEvent} */ event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      history.pushState(null, "", path);
      window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
    };
    return html`<a class="button small" href=${path} @click=${pressed}>${this._panel.text("edit_line")}</a>`;
  }

  /** @param {PlanLine} line */
  async _try(line) {
    const isOpen = this._whatIf?.rule === line.rule;
    this._closeWhatIf();
    this._error = "";
    if (!isOpen) {
      try {
        const { WhatIf } = await import("./what_if.js");
        // Meanwhile the page may have been left, or the same been pressed twice.
        if (!this._feed || this._whatIf) return;
        const save = (/** @type {Chosen} */ chosen) => this._dialog.ask({ kind: "save", line, chosen });
        // Another may be open by the time that this one has been saved.
        const close = () => {
          if (this._whatIf?.view !== view) return;
          this._closeWhatIf();
          /** @type {HTMLElement | null | undefined} */ (this._panel.shadowRoot?.querySelector(`[data-try="${CSS.escape(line.rule)}"]`))?.focus();
        };
        const view = new WhatIf(this._panel, line, close, save);
        this._whatIf = { rule: line.rule, view };
      } catch (error) {
        this._error = /** @type {Error} */ (error).message;
      }
    }
    this._panel.ask();
  }

  _closeWhatIf() {
    this._whatIf?.view.leave();
    this._whatIf = null;
    this._panel.ask();
  }

  /**
   * Print the page that the hub has written, without Home Assistant around it.
   * @param {Plan} plan
   */
  async _print(plan) {
    this._error = "";
    try {
      const { content } = await this._panel.send("print_plan", { brukare_id: plan.brukare_id });
      document.querySelector(".homecare-h2o-print")?.remove();
      const frame = document.createElement("iframe");
      frame.className = "homecare-h2o-print";
      frame.style.cssText = "position:fixed;width:0;height:0;border:0;visibility:hidden";
      frame.setAttribute("aria-hidden", "true");
      frame.addEventListener("load", () => {
        const page = /** @type {Window} */ (frame.contentWindow);
        page.addEventListener("afterprint", () => setTimeout(() => frame.remove()));
        page.print();
      });
      frame.srcdoc = content;
      document.body.append(frame);
    } catch (error) {
      this._error = /** @type {Error} */ (error).message;
    }
    this._panel.ask();
  }
}
