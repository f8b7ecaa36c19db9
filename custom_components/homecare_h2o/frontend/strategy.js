// @ts-check
/** The dashboard strategy: tells Home Assistant's frontend that there is one, and makes it when asked. */

import { PANEL } from "./board.js";
import { ICON, sections } from "./board_cards.js";
import { textsOf } from "./texts.js";

/** @import { Options } from "./board.js" */
/** @import { House, Lovelace } from "./types" */

const TYPE = "homecare-h2o";

/**
 * Whether something has come or gone since a dashboard was made; what only changes its state is the cards' own to show.
 * @param {unknown} _options
 * @param {House} before
 * @param {House} now
 */
const isNews = (_options, before, now) =>
  before.entities !== now.entities ||
  before.devices !== now.devices ||
  before.language !== now.language ||
  before.user?.is_admin !== now.user?.is_admin ||
  PANEL in before.panels !== PANEL in now.panels ||
  Object.keys(before.states).length !== Object.keys(now.states).length;

/** One view of a dashboard. */
class ViewStrategy extends HTMLElement {
  static shouldRegenerate = isNews;

  /**
   * @param {Options} options
   * @param {House} house
   * @returns {Promise<Lovelace>}
   */
  static async generate(options, house) {
    return { type: "sections", max_columns: 4, sections: await sections(options, house) };
  }
}

/** A dashboard with that one view. */
class DashboardStrategy extends HTMLElement {
  static shouldRegenerate = isNews;

  /**
   * @param {Options} options
   * @param {House} house
   * @returns {Promise<Lovelace>}
   */
  static async generate(options, house) {
    const title = textsOf(house.language).overview;
    return { title: "HomeCare H2O", views: [{ title, path: "overview", icon: ICON, strategy: { ...options } }] };
  }
}

// A page that has been open over an update has the old module already, and an element is defined but once.
for (const [kind, element] of Object.entries({ dashboard: DashboardStrategy, view: ViewStrategy })) {
  const tag = `ll-strategy-${kind}-${TYPE}`;
  if (!customElements.get(tag)) customElements.define(tag, element);
}

/** @type {{ customStrategies?: Record<string, string>[] }} */
const page = /** @type {any} */ (window);
const known = (page.customStrategies ??= []);
if (!known.some((each) => each.type === TYPE)) {
  known.push({
    type: TYPE,
    strategyType: "dashboard",
    name: "HomeCare H2O",
    // Read when the list is shown: which language the user has is not known when this is loaded.
    get description() {
      return textsOf(document.documentElement.lang)["board_description"];
    },
  });
}
