import { loadNotebookPackage } from './notebook';

/** A line of an interactive plot. */
export interface PlotLine {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/**
 * Opens lines as an interactive plot in the browser, to zoom and hover (nodeplotlib). Opt-in: it starts a local server
 * that keeps the process alive until the page is closed, and its page loads plotly from the network.
 *
 * @param lines drawn in one pair of axes
 * @param options title, xTitle, yTitle
 * @throws MissingFileError when nodeplotlib is not installed
 */
export async function interactivePlot(
  lines: readonly PlotLine[],
  options: { readonly title?: string; readonly xTitle?: string; readonly yTitle?: string } = {},
): Promise<void> {
  const { title, xTitle, yTitle } = options;
  const { plot } = await loadNotebookPackage('nodeplotlib', () => import('nodeplotlib')); // starts nothing before it is called, but loads a web server
  const traces = lines.map(({ name, x, y }) => ({
    type: 'scatter' as const,
    mode: 'lines' as const,
    name,
    x: Array.from(x),
    y: Array.from(y),
  }));
  plot(traces, { title, xaxis: { title: xTitle }, yaxis: { title: yTitle } });
}
