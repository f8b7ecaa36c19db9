// @ts-check
/** The latest changes of a line: the old value struck through, who, when, and why (R011.3). */

import { html, nothing } from "./lit-html.js";

/** @import { PlanChange, PlanLine, PlanValue } from "./types" */
/** @import { Panel } from "./panel.js" */

/**
 * A value as it was, struck through, and as it became; said in words to whoever does not see that.
 * @param {Panel} panel
 * @param {PlanValue[]} values
 */
export const valuesTemplate = (panel, values) =>
  values.map(
    (value) => html`<p>
      ${value.name}:
      <del><span class="unseen">${panel.text("was")} </span>${value.old}</del>
      <ins><span class="unseen">${panel.text("became")} </span>${value.new}</ins>
    </p>`,
  );

/**
 * @param {Panel} panel
 * @param {PlanLine} line
 * @param {(kind: "comment" | "restore", change: PlanChange) => void} ask
 */
export const changesTemplate = (panel, line, ask) => {
  if (!line.changes.length) return nothing;
  const isCut = line.changes_total > line.changes.length;
  return html`<div>
    <h3>
      ${panel.text(isCut ? "latest_changes" : "changes", { count: line.changes.length, total: line.changes_total })}
    </h3>
    <ol class="changes">
      ${line.changes.map((change) => html`<li>${changeTemplate(panel, change, ask)}</li>`)}
    </ol>
  </div>`;
};

/**
 * @param {Panel} panel
 * @param {PlanChange} change
 * @param {(kind: "comment" | "restore", change: PlanChange) => void} ask
 */
const changeTemplate = (panel, change, ask) => {
  const when = panel.time(change.at);
  return html`
    <p class="hint"><time datetime=${change.at}>${when}</time> · ${change.by}</p>
    ${change.values.length ? valuesTemplate(panel, change.values) : html`<p>${change.text}</p>`}
    ${change.values.length && change.restored_from ? html`<p class="hint">${panel.text("was_restored")}</p>` : nothing}
    ${change.comment
      ? html`<p class="lines said">${change.comment}</p>
          <p class="hint">${change.comment_by} · ${panel.time(change.comment_at)}</p>`
      : nothing}
    <div class="others">
      <button class="button small" ?disabled=${!panel.isOnline} aria-label="${panel.text(change.comment ? "change_comment" : "add_comment")}: ${when}" @click=${() => ask("comment", change)}>
        ${panel.text(change.comment ? "change_comment" : "add_comment")}
      </button>
      ${change.back
        ? html`<button class="button small" ?disabled=${!panel.isOnline} aria-label="${panel.text("restore_line")}: ${when}" @click=${() => ask("restore", change)}>
            ${panel.text("restore_line")}
          </button>`
        : nothing}
    </div>
  `;
};
