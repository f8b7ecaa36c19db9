// @ts-check
/** An alarm's timeline, newest first, and how far each call to a phone is known to have come. */

import { html, nothing } from "./lit-html.js";

/** @import { Entry } from "./types" */
/** @import { Panel } from "./panel.js" */

/**
 * @param {Panel} panel
 * @param {{ timeline: Entry[], phones: { phone: string, step: number, status: string, text: string }[] }} told
 */
export const timelineTemplate = (panel, told) => html`
  <section class="card timeline" aria-labelledby="timeline">
    <h2 id="timeline">${panel.text("timeline")}</h2>
    <ol>
      ${[...told.timeline].reverse().map(
        (entry) => html`<li class=${entry.kind}>
          <time datetime=${entry.at}>${panel.clock(entry.at)}</time>
          <span>${entry.text}${entry.user ? html` (${entry.user})` : nothing}</span>
        </li>`,
      )}
    </ol>
    ${told.phones.length
      ? html`<h3>${panel.text("phones")}</h3>
          <ul>
            ${told.phones.map((phone) => html`<li class=${phone.status}>${phone.phone}: ${phone.text}</li>`)}
          </ul>`
      : nothing}
  </section>
`;
