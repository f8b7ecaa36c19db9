// @ts-check
/** Bars, drawn by Chart.js when there is something to draw. A chart never stands alone: a table beside it says the same. */

import { html } from "./lit-html.js";

/** @import { ChartJs } from "./chart.umd.min.js" */

/**
 * @typedef {{ name: string, values: (number | null)[], colour: string, hatch: "none" | "up" | "down" | "dots" }} Series
 * @typedef {{ title: string, labels: string[], series: Series[], across: boolean, stacked: boolean, most?: number, say: (value: number) => string }} Bars
 * @typedef {new (canvas: HTMLCanvasElement, config: Record<string, unknown>) => ChartJs} ChartClass
 */

const LONGEST_LINE = 18;
const LINES = 3;
const LINE = 17;
const ROW = 42;
const FRAME = 92;
const HEIGHT = 300;
const TILE = 8;

/** @type {Promise<ChartClass> | null} */
let loading = null;

/** Chart.js, fetched from the hub when the first chart is drawn. It is published for a window, where another card may have its own. */
const load = () => {
  loading ??= (async () => {
    const page = /** @type {{ Chart?: any }} */ (window);
    const others = Object.getOwnPropertyDescriptor(page, "Chart");
    await import("./chart.umd.min.js");
    const found = page.Chart;
    if (others) Object.defineProperty(page, "Chart", others);
    else delete page.Chart;
    return found;
  })().catch((error) => {
    // The next chart tries again: the hub may have been away.
    loading = null;
    throw error;
  });
  return loading;
};

/**
 * A label in lines that leave room for the bars; the table has all of it.
 * @param {string} text
 */
const fold = (text) => {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= LONGEST_LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const cut = lines.slice(0, LINES).map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line));
  return lines.length > LINES ? [...cut.slice(0, -1), `${cut.at(-1)} …`] : cut;
};

/**
 * A colour with a pattern, so that bars are told apart without colours, too.
 * @param {Series} series
 * @param {string} ground
 * @returns {CanvasPattern | string}
 */
const fill = ({ colour, hatch }, ground) => {
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE;
  const pen = tile.getContext("2d");
  if (!pen || hatch === "none") return colour;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, TILE, TILE);
  pen.fillStyle = pen.strokeStyle = colour;
  pen.lineWidth = 3;
  pen.beginPath();
  if (hatch === "dots") pen.arc(TILE / 2, TILE / 2, 1.8, 0, 2 * Math.PI);
  const [from, to] = hatch === "up" ? [TILE + 2, -2] : [-2, TILE + 2];
  for (const shift of hatch === "dots" ? [] : [-TILE, 0, TILE]) {
    pen.moveTo(shift - 2, from);
    pen.lineTo(shift + TILE + 2, to);
  }
  if (hatch === "dots") pen.fill();
  else pen.stroke();
  return pen.createPattern(tile, "repeat") ?? colour;
};

class BarsElement extends HTMLElement {
  constructor() {
    super();
    /** @type {Bars | null} */
    this._bars = null;
    this._key = "";
    /** @type {ChartJs | null} */
    this._chart = null;
    this._run = 0;
  }

  /** @param {[Bars, string]} shown what is drawn, and what the theme looks like */
  set shown([bars, look]) {
    const key = JSON.stringify([bars, look]);
    if (key === this._key) return;
    this._key = key;
    this._bars = bars;
    this._draw();
  }

  connectedCallback() {
    this._draw();
  }

  disconnectedCallback() {
    this._run += 1;
    this._chart?.destroy();
    this._chart = null;
  }

  /** The colour that a custom property has here, as the theme has it. @param {string} name */
  _colour(name) {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    this.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  async _draw() {
    const run = ++this._run;
    if (!this.isConnected || !this._bars) return;
    let Chart;
    try {
      Chart = await load();
    } catch {
      // The table is there.
      this.hidden = true;
      return;
    }
    if (run !== this._run || !this.isConnected) return;
    this.hidden = false;
    this._chart?.destroy();
    const bars = this._bars;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", bars.title);
    const row = Math.max(ROW * (bars.stacked ? 1 : 1.4), ...bars.labels.map((label) => LINE * fold(label).length + 12));
    this.style.height = `${bars.across ? FRAME + row * bars.labels.length : HEIGHT}px`;
    this.replaceChildren(canvas);
    this._chart = new Chart(canvas, this._config(bars));
  }

  /** @param {Bars} bars */
  _config(bars) {
    const [ink, edge, ground] = [this._colour("--ink"), this._colour("--edge"), this._colour("--surface")];
    const size = 14;
    const font = { size, family: getComputedStyle(this).fontFamily };
    const ticks = { color: ink, font };
    const values = {
      stacked: bars.stacked,
      beginAtZero: true,
      ...(bars.most ? { max: bars.most } : {}),
      grid: { color: edge },
      border: { color: edge },
      ticks: { ...ticks, precision: 0, maxTicksLimit: 6, callback: (/** @type {number} */ value) => bars.say(value) },
    };
    const rows = {
      stacked: bars.stacked,
      grid: { display: false },
      border: { color: edge },
      ticks: { ...ticks, autoSkip: !bars.across, maxRotation: 0, callback: (/** @type {number} */ at) => fold(bars.labels[at] ?? "") },
    };
    return {
      type: "bar",
      data: {
        labels: bars.labels,
        datasets: bars.series.map((series) => {
          const colour = this._colour(series.colour);
          return {
            label: series.name,
            data: series.values,
            backgroundColor: fill({ ...series, colour }, ground),
            borderColor: colour,
            borderWidth: 1.5,
            maxBarThickness: 26,
          };
        }),
      },
      options: {
        indexAxis: bars.across ? "y" : "x",
        responsive: true,
        maintainAspectRatio: false,
        // Nothing moves, whoever looks.
        animation: false,
        interaction: { mode: "index", axis: bars.across ? "y" : "x", intersect: false },
        scales: bars.across ? { x: values, y: rows } : { x: rows, y: values },
        plugins: {
          legend: { position: "bottom", align: "start", onClick: () => undefined, labels: { color: ink, font, boxWidth: 20, boxHeight: 14 } },
          tooltip: {
            animation: false,
            callbacks: { label: (/** @type {any} */ item) => `${item.dataset.label}: ${bars.say(item.raw)}` },
          },
        },
      },
    };
  }
}

if (!customElements.get("homecare-h2o-bars")) customElements.define("homecare-h2o-bars", BarsElement);

/**
 * @param {Bars} bars
 * @param {string} look what the theme looks like: in another one it is drawn anew
 */
export const barsTemplate = (bars, look) => html`<homecare-h2o-bars .shown=${[bars, look]}></homecare-h2o-bars>`;
