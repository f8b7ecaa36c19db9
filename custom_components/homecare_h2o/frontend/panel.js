// @ts-check
/** The panel: its frame, its addresses, and what all views have in common. */

import { AlarmsView } from "./alarms.js";
import { DeviationsView } from "./deviations.js";
import { Feed } from "./feed.js";
import { html, nothing, render } from "./lit-html.js";
import { LogView } from "./log.js";
import { OverviewView } from "./overview.js";
import { PlanView } from "./plan.js";
import { StatisticsView } from "./statistics.js";
import { makeSheet } from "./styles.js";
import { textsOf } from "./texts.js";

/** @import { Alarm, Group, Hass, View } from "./types" */
/** @import { Word } from "./texts.js" */

const DOMAIN = "homecare_h2o";
const ROOT = "/homecare-h2o";
const NO_ANSWER_AFTER = 10_000;
const TICK = 1_000;

/**
 * The views: where each is, who may see it, and what makes it. A later view is one more row.
 * @type {{ name: Word, paths: string[], may: string, make: (panel: Panel) => View }[]}
 */
const VIEWS = [
  { name: "alarms", paths: ["alarms", "alarm"], may: "read", make: (panel) => new AlarmsView(panel) },
  { name: "overview", paths: ["overview"], may: "oversee", make: (panel) => new OverviewView(panel) },
  { name: "plan", paths: ["plan"], may: "plan", make: (panel) => new PlanView(panel) },
  { name: "log", paths: ["log"], may: "export", make: (panel) => new LogView(panel) },
  { name: "statistics", paths: ["statistics"], may: "export", make: (panel) => new StatisticsView(panel) },
  { name: "deviations", paths: ["deviations"], may: "deviations", make: (panel) => new DeviationsView(panel) },
];

/**
 * A part of an address as it was meant; one that somebody has mistyped as it is.
 * @param {string} part
 */
const decode = (part) => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * An instant in words. To make a format takes a browser far longer than to use it: a long log would stand still.
 * @param {Date} at
 * @param {string} language
 * @param {Intl.DateTimeFormatOptions} how
 */
const write = (at, language, how) => {
  const key = `${language} ${JSON.stringify(how)}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language, how);
  formats.set(key, format);
  return format.format(at);
};

/** @typedef {{ may: string[], alarms: Alarm[], groups: Group[], on_duty: string[] }} Open */

export class Panel extends HTMLElement {
  constructor() {
    super();
    this._root = this.attachShadow({ mode: "open" });
    this._root.adoptedStyleSheets = [makeSheet()];
    /** @type {Hass | null} */
    this._hass = null;
    this._narrow = false;
    this._path = "";
    this._shown = "";
    this._isAsked = false;
    this._ticker = 0;
    /** @type {View | null} */
    this._view = null;
    this._viewName = "";
    /** @type {Feed<Open> | null} */
    this.open = null;
    /** @type {Set<string> | null} */
    this._known = null;
    this._said = "";
    this._ask = () => this.ask();
  }

  // --- what Home Assistant gives -----------------------------------------------------------------

  /** @param {Hass} hass */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    if (before?.language !== hass.language) this._begin();
    const isNews =
      before?.connected !== hass.connected ||
      before?.themes !== hass.themes ||
      before?.localize !== hass.localize ||
      before?.dockedSidebar !== hass.dockedSidebar;
    if (isNews) this.ask();
  }

  /** @returns {Hass} */
  get hass() {
    if (!this._hass) throw new Error("Home Assistant is not there yet");
    return this._hass;
  }

  /** @param {boolean} narrow */
  set narrow(narrow) {
    this._narrow = narrow;
    this.ask();
  }

  /** @param {{ path: string }} route */
  set route(route) {
    this._path = route.path;
    this.ask();
  }

  connectedCallback() {
    if (this._hass && !this.open) this._begin();
    this._ticker = window.setInterval(this._ask, TICK);
    this.ask();
  }

  disconnectedCallback() {
    window.clearInterval(this._ticker);
    this._view?.leave();
    this._view = null;
    this._shown = "";
    this.open?.stop();
    this.open = null;
  }

  // --- what the views use ------------------------------------------------------------------------

  /** Draw soon; several times asked is once drawn. */
  ask() {
    if (this._isAsked || !this._hass || !this.isConnected) return;
    this._isAsked = true;
    queueMicrotask(() => {
      this._isAsked = false;
      if (!this.isConnected) return;
      this._follow();
      this.toggleAttribute("dark", this._isDark);
      render(this._template(), this._root);
    });
  }

  /**
   * @param {Word} word
   * @param {Record<string, unknown>} [values]
   */
  text(word, values = {}) {
    return textsOf(this.hass.language)[word].replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  }

  /**
   * What a value is called, as the integration's translations have it.
   * @param {string} table
   * @param {string | null} key
   */
  word(table, key) {
    return key ? this.hass.localize(`component.${DOMAIN}.selector.${table}.options.${key}`) || key : "";
  }

  /**
   * @template T
   * @param {string} kind
   * @param {Record<string, unknown>} data
   * @param {() => void} [changed]
   * @returns {Feed<T>}
   */
  follow(kind, data = {}, changed = this._ask) {
    return new Feed(this.hass, { type: `${DOMAIN}/${kind}`, language: this.hass.language, ...data }, changed);
  }

  /**
   * Ask the hub for something; what goes wrong is an Error whose message can be shown.
   * @param {string} kind
   * @param {Record<string, unknown>} data
   * @param {Word} [silence] what to say if there is no answer
   * @param {number} [patience] how long to wait for it (ms)
   */
  async send(kind, data, silence, patience) {
    return this._wait(this.hass.connection.sendMessagePromise({ type: `${DOMAIN}/${kind}`, ...data }), silence, patience);
  }

  /**
   * @param {string} service
   * @param {Record<string, unknown>} data
   * @param {Word} [silence] what to say if there is no answer
   */
  async call(service, data, silence) {
    return this._wait(this.hass.callService(DOMAIN, service, data), silence);
  }

  /**
   * @param {Promise<any>} asked
   * @param {Word} [silence]
   * @param {number} [patience]
   */
  async _wait(asked, silence = "no_answer", patience = NO_ANSWER_AFTER) {
    let timer = 0;
    const unanswered = new Promise((_, reject) => {
      timer = window.setTimeout(() => reject(new Error(this.text(silence))), patience);
    });
    try {
      return await Promise.race([asked, unanswered]);
    } catch (error) {
      throw error instanceof Error && !("code" in error) ? error : new Error(this._why(error, silence));
    } finally {
      window.clearTimeout(timer);
    }
  }

  /**
   * @param {any} error
   * @param {Word} silence what to say if there is nothing to be said of it
   */
  _why(error, silence) {
    const { translation_key: key, translation_placeholders: values } = error ?? {};
    const told = key && this.hass.localize(`component.${DOMAIN}.exceptions.${key}.message`, values ?? {});
    return told || error?.message || this.text(silence);
  }

  /** @param {string} permission */
  may(permission) {
    return this.open?.state?.may.includes(permission) ?? false;
  }

  /** Whether the hub can be asked now. */
  get isOnline() {
    return this.hass.connected && this.hass.connection.connected;
  }

  /** The hub's time (ms): this browser's own clock may be wrong. */
  get now() {
    return Date.now() + (this.open?.ahead ?? 0);
  }

  /**
   * The time of an instant in the home's time zone; with the day unless it is today.
   * @param {string | number | null | undefined} at
   */
  time(at) {
    if (at === null || at === undefined) return "";
    const when = new Date(at);
    const timeZone = this.hass.config.time_zone;
    const day = (/** @type {Date} */ date) => write(date, "sv", { timeZone });
    const clock = write(when, "sv", { timeZone, hour: "2-digit", minute: "2-digit" });
    if (day(when) === day(new Date(this.now))) return clock;
    return `${write(when, this.hass.language, { timeZone, weekday: "short", day: "numeric", month: "short" })} ${clock}`;
  }

  /** @param {string} at */
  clock(at) {
    return write(new Date(at), "sv", { timeZone: this.hass.config.time_zone, timeStyle: "medium" });
  }

  /**
   * A span of time: to the second up to an hour, so that it is seen to pass.
   * @param {number} span milliseconds
   */
  span(span) {
    const seconds = Math.max(0, Math.floor(span / 1000));
    const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
    const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
    if (hours < 1) return `${minutes}:${two(seconds % 60)}`;
    return hours < 48 ? `${hours} h ${two(minutes % 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  }

  /**
   * A span of time that does not pass, in words that nobody takes for a time of day.
   * @param {number} span milliseconds
   */
  length(span) {
    const seconds = Math.floor(span / 1000);
    const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
    return parts.filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ") || "0 s";
  }

  /** @param {string} at */
  age(at) {
    return this.span(this.now - Date.parse(at));
  }

  /**
   * @param {string} path
   * @param {boolean} [replace] leave no trace for the back button
   */
  go(path, replace = false) {
    const url = `${ROOT}${path}`;
    if (replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace } }));
  }

  /**
   * A link within the panel: a real address, opened without loading the page.
   * @param {string} path
   * @param {unknown} content
   * @param {{ kind?: string, current?: boolean }} [how]
   */
  link(path, content, { kind = "", current = false } = {}) {
    const pressed = (/** @type {MouseEvent} */ event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.go(path);
    };
    return html`<a class=${kind} href="${ROOT}${path}" aria-current=${current ? "page" : nothing} @click=${pressed}>${content}</a>`;
  }

  /**
   * What stands in a view's place until its feed has something to show; nothing once it has.
   * @param {Feed<any> | null} feed
   */
  instead(feed) {
    if (feed?.status === "state" || (feed?.state && feed.status === "no_hub")) return null;
    if (feed?.status === "error") {
      const why = this.hass.localize(`component.${DOMAIN}.exceptions.${feed.error}.message`);
      return html`<p class="notice">${why || this.text("failed")}</p>`;
    }
    if (feed?.status === "refused") return html`<p class="notice">${this.text("refused")}</p>`;
    return html`<p class="notice">${this.text(feed?.status === "no_hub" ? "no_hub" : "loading")}</p>`;
  }

  // --- how ---------------------------------------------------------------------------------------

  /** Whether the theme writes with light ink, whatever it is called. */
  get _isDark() {
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(this).color.match(/[\d.]+/g) ?? []).map(Number);
    return red * 0.299 + green * 0.587 + blue * 0.114 > 128;
  }

  /** Begin to follow the open alarms, in the user's language. */
  _begin() {
    const hass = this.hass;
    this.open?.stop();
    this._view?.leave();
    this._view = null;
    this._shown = "";
    this.open = this.isConnected ? this.follow("alarms", {}, () => this._onOpen()) : null;
    for (const category of ["selector", "exceptions"]) {
      hass.loadBackendTranslation(category, DOMAIN).then(this._ask, () => undefined);
    }
  }

  /** Take up what is open, and say aloud what is new. */
  _onOpen() {
    const alarms = this.open?.state?.alarms ?? [];
    const known = this._known;
    if (this.open?.status === "state") {
      const added = known && alarms.find((alarm) => !known.has(alarm.alarm_id));
      if (added) this._said = this.text("one_new", { what: `${this.word("alarm_type", added.alarm_type)} ${added.code}` });
      this._known = new Set(alarms.map((alarm) => alarm.alarm_id));
    }
    this.ask();
  }

  /** Open the view that the address names. */
  _follow() {
    if (this.open?.status !== "state" && !this.open?.state) return;
    const [, name = "", argument = ""] = this._path.split("/");
    const found = VIEWS.find((view) => view.paths.includes(name) && this.may(view.may)) ?? VIEWS[0];
    const wanted = `${found?.name}/${name === "alarms" ? "" : argument}`;
    if (!found || wanted === this._shown) return;
    const isFirst = !this._shown;
    this._shown = wanted;
    if (!this._view || this._viewName !== found.name) {
      this._view?.leave();
      this._view = found.make(this);
      this._viewName = found.name;
    }
    this._view.open(name === "alarms" ? "" : decode(argument));
    // Whoever does not see the page is told of another view by the focus.
    if (!isFirst) queueMicrotask(() => /** @type {HTMLElement | null} */ (this._root.querySelector("main"))?.focus({ preventScroll: true }));
    queueMicrotask(() => this._root.querySelector("main")?.scrollTo(0, 0));
  }

  _template() {
    const waiting = this.open?.state?.alarms.filter((alarm) => ["raised", "escalated"].includes(alarm.state)).length ?? 0;
    const views = VIEWS.filter((view) => this.may(view.may));
    const needsMenu = this._narrow || this.hass.dockedSidebar === "always_hidden";
    return html`
      <header>
        ${needsMenu && !this.hass.kioskMode
          ? html`<button class="menu" aria-label=${this.text("menu")} @click=${() => this._toggleMenu()}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 6h18v2H3zm0 5h18v2H3zm0 5h18v2H3z" /></svg>
            </button>`
          : nothing}
        <nav aria-label=${this.text("views")}>
          ${views.map((view) =>
            this.link(`/${view.paths[0]}`, [this.text(view.name), view.name === "alarms" && waiting ? html` <b class="count">${waiting}</b>` : nothing], {
              kind: "tab",
              current: this._viewName === view.name,
            }),
          )}
        </nav>
      </header>
      ${this._trouble()}
      <p class="unseen" role="status">${this._said}</p>
      <main tabindex="-1">${this._view && this.open?.status !== "refused" ? this._view.template() : this.instead(this.open)}</main>
    `;
  }

  /** Say that what is shown may be old. */
  _trouble() {
    const isLost = !this.isOnline || this.open?.isSilent;
    if (isLost) return html`<p class="lost" role="alert">${this.text("lost", { time: this.time((this.open?.heardAt ?? Date.now()) + (this.open?.ahead ?? 0)) })}</p>`;
    if (this.open?.status === "no_hub" && this._view) return html`<p class="lost" role="alert">${this.text("no_hub")}</p>`;
    return nothing;
  }

  _toggleMenu() {
    this.dispatchEvent(new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }));
  }
}

// After an update of the integration a page that is still open loads the file from another address: the first one stays.
if (!customElements.get("homecare-h2o-panel")) customElements.define("homecare-h2o-panel", Panel);
