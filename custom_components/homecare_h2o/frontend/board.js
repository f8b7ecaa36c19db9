// @ts-check
/** What a dashboard is made from, and how its cards are written. */

import { textsOf } from "./texts.js";

/** @import { Card, Condition, Entity, House } from "./types" */
/** @import { Word } from "./texts.js" */

export const PLATFORM = "homecare_h2o";
export const PANEL = "homecare-h2o";

/** @typedef {{ id: string, name: string, of: Map<string, Entity[]> }} Device */
/** @typedef {{ type: string, power_entity?: string }} Options */

/**
 * What one dashboard is made from.
 */
export class Board {
  /**
   * @param {House} house
   * @param {Options} options
   */
  constructor(house, options) {
    this.house = house;
    this.options = options;
    this.devices = Object.values(house.devices).filter(({ identifiers }) => identifiers.some(([of]) => of === PLATFORM));
    this.brukare = this._find(true);
    this.hubs = this._find(false);
    this.isAdmin = house.user?.is_admin === true;
    this.hasPanel = PANEL in house.panels;
  }

  /**
   * The devices that belong to the hub, or the hub itself, with what there is to see of each.
   * @param {boolean} isBelow
   * @returns {Device[]}
   */
  _find(isBelow) {
    const found = this.devices.filter((each) => Boolean(each.via_device_id) === isBelow);
    return found
      .map((each) => ({ id: each.id, name: each.name_by_user || each.name || "", of: this._entitiesOf(each.id) }))
      .sort((one, other) => one.name.localeCompare(other.name));
  }

  /**
   * The entities of a device that this user may see, by what they are.
   * @param {string} deviceId
   */
  _entitiesOf(deviceId) {
    const found = Object.values(this.house.entities).filter(
      (each) => each.device_id === deviceId && each.platform === PLATFORM && each.entity_id in this.house.states,
    );
    /** @type {Map<string, Entity[]>} */
    const of = new Map();
    for (const each of found) of.set(each.translation_key ?? "", [...(of.get(each.translation_key ?? "") ?? []), each]);
    return of;
  }

  /**
   * @param {Word} word
   * @param {Record<string, unknown>} [values]
   */
  text(word, values = {}) {
    return textsOf(this.house.language)[word].replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  }

  /**
   * @param {Device} device
   * @param {string} what
   */
  entity(device, what) {
    return device.of.get(what)?.[0]?.entity_id;
  }

  /** Where a press leads: to the panel, if there is one. */
  get toPanel() {
    return this.hasPanel ? { action: "navigate", navigation_path: `/${PANEL}` } : { action: "more-info" };
  }
}

/**
 * @param {string} heading
 * @param {string} icon
 * @param {Card} [more]
 * @returns {Card}
 */
export const headed = (heading, icon, more = {}) => ({ type: "heading", heading, icon, ...more });

/**
 * A tile for something that may not be there.
 * @param {string | undefined} entity
 * @param {Card} [more]
 * @returns {Card[]}
 */
export const tile = (entity, more = {}) =>
  entity ? [{ type: "tile", entity, name: { type: "entity" }, grid_options: { columns: 12 }, ...more }] : [];

/**
 * A line of text; ``content`` may be a template.
 * @param {string} content
 * @param {Card} [more]
 * @returns {Card}
 */
export const said = (content, more = {}) => ({ type: "markdown", text_only: true, content, ...more });

/**
 * @param {string} told
 * @param {Card} [more]
 */
export const warned = (told, more = {}) => said(`<ha-alert alert-type="warning">${told}</ha-alert>`, more);

/**
 * @param {string} entity
 * @param {string | string[]} state
 * @returns {Condition}
 */
export const is = (entity, state) => ({ condition: "state", entity, state });

/**
 * @param {string} entity
 * @param {string | string[]} state
 * @returns {Condition}
 */
export const isNot = (entity, state) => ({ condition: "state", entity, state_not: state });

/**
 * @param {Condition[]} conditions
 * @returns {Condition}
 */
export const any = (conditions) => ({ condition: "or", conditions });

/**
 * @param {Card[]} cards
 * @returns {Card[]}
 */
export const section = (cards) => (cards.length > 1 ? [{ type: "grid", cards }] : []);
