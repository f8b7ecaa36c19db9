// @ts-check
/** What the hub tells, kept up to date: begun anew after every loss of the connection, and watched for silence. */

/** @import { Hass } from "./types" */

/** The hub gives a sign of life every 15 seconds; after this long without one (ms) it is not heard any more. */
const SILENT_AFTER = 40_000;
const AGAIN_AFTER = 2_000;

/** @template T */
export class Feed {
  /**
   * @param {Hass} hass
   * @param {Record<string, unknown>} message what to follow
   * @param {() => void} changed
   */
  constructor(hass, message, changed) {
    /** @type {"waiting" | "state" | "no_hub" | "refused" | "error"} */
    this.status = "waiting";
    /** @type {T | null} */
    this.state = null;
    /** @type {string} */
    this.error = "";
    /** How far the hub's clock is ahead of this one (ms). */
    this.ahead = 0;
    this.heardAt = Date.now();
    this._heardFor = performance.now();
    this._connection = hass.connection;
    this._message = message;
    this._changed = changed;
    this._run = 0;
    this._onReady = () => this._begin();
    /** @type {(() => Promise<void>) | null} */
    this._unsubscribe = null;
    this._connection.addEventListener("ready", this._onReady);
    this._begin();
  }

  /** Whether nothing has been heard for too long. */
  get isSilent() {
    return performance.now() - this._heardFor > SILENT_AFTER;
  }

  stop() {
    this._run += 1;
    this._connection.removeEventListener("ready", this._onReady);
    this._unsubscribe?.().catch(() => undefined);
    this._unsubscribe = null;
  }

  /** Begin, and begin again until it succeeds: a hub that is starting does not know the command yet. */
  async _begin() {
    const run = ++this._run;
    this._unsubscribe = null;
    try {
      const unsubscribe = await this._connection.subscribeMessage((told) => run === this._run && this._hear(told), this._message, {
        resubscribe: false,
      });
      if (run === this._run) this._unsubscribe = unsubscribe;
      else unsubscribe().catch(() => undefined);
    } catch (error) {
      if (run !== this._run) return;
      const refusal = /** @type {{ translation_key?: string }} */ (error);
      if (refusal?.translation_key === "not_allowed") {
        this.status = "refused";
        this._changed();
        return;
      }
      if (this._connection.connected) setTimeout(() => run === this._run && this._begin(), AGAIN_AFTER);
    }
  }

  /** @param {{ type: string, now: string, state?: T, error?: string }} told */
  _hear(told) {
    this._heardFor = performance.now();
    this.heardAt = Date.now();
    this.ahead = Date.parse(told.now) - this.heardAt;
    if (told.type === "state") {
      this.status = "state";
      this.state = told.state ?? null;
    } else if (told.type !== "beat") {
      this.status = /** @type {"no_hub" | "refused" | "error"} */ (told.type);
      this.error = told.error ?? "";
      if (told.type === "refused") this.state = null;
    }
    this._changed();
  }
}
