// What the panel uses of chart.umd.min.js, for the check of types; the file itself is as published. It exports nothing:
// it leaves Chart with the window.
export class ChartJs {
  constructor(canvas: HTMLCanvasElement, config: Record<string, unknown>);
  destroy(): void;
}
