import { createRequire } from 'node:module';
import { loadNotebookPackage } from './notebook';

/** A line of an interactive plot. */
export interface PlotLine {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/**
 * Opens lines as an interactive plot in the browser, to zoom and hover (nodeplotlib). Opt-in: it starts a server that
 * keeps the process alive until the page is closed, and its page loads plotly from the network. The server answers this
 * machine alone.
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
  loaded ??= loadNotebookPackage('nodeplotlib', loadOnLoopback);
  const { plot } = await loaded;
  const traces = lines.map(({ name, x, y }) => ({
    type: 'scatter' as const,
    mode: 'lines' as const,
    name,
    x: Array.from(x),
    y: Array.from(y),
  }));
  plot(traces, { title, xaxis: { title: xTitle }, yaxis: { title: yTitle } });
}

type Nodeplotlib = typeof import('nodeplotlib');
let loaded: Promise<Nodeplotlib> | undefined;

/** NestJS, nodeplotlib's web server; no dependency of our own. */
interface Nest {
  readonly NestApplication: { readonly prototype: { listen(port: number, host?: string): Promise<unknown> } };
}

/** nodeplotlib names no address to listen on; Node then takes all, and anyone in the network could read the ECGs. */
async function loadOnLoopback(): Promise<Nodeplotlib> {
  const nest = createRequire(require.resolve('nodeplotlib'))('@nestjs/core') as Nest;
  const { prototype } = nest.NestApplication;
  const { listen } = prototype;
  prototype.listen = function (port) {
    return listen.call(this, port, '127.0.0.1');
  };
  return import('nodeplotlib');
}
