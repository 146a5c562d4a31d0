import type { Figure } from './figure';
import { showBundle } from './notebook';
import { renderSvg } from './render';

const MIME = {
  'vega-lite': 'application/vnd.vegalite.v5+json',
  vega: 'application/vnd.vega.v5+json',
} as const;

/**
 * Shows a figure in the notebook: as Vega-Lite or Vega for JupyterLab, as SVG for others; elsewhere its description.
 *
 * @param figure what a figure function gave
 */
export async function showFigure(figure: Figure): Promise<void> {
  const svg = await renderSvg(figure);
  showBundle({ [MIME[figure.language]]: figure.spec, 'image/svg+xml': svg, 'text/plain': figure.description });
}
