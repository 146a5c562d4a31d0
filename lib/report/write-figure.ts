import { join } from 'node:path';
import { writeFileWhole } from '../io/whole-file';
import type { Figure } from './figure';
import { renderPng, renderSvg } from './render';

/** The files of a written figure. */
export interface FigureFiles {
  /** The specification: `.vl.json` for Vega-Lite, `.vg.json` for Vega. */
  readonly spec: string;
  readonly svg: string;
  readonly png: string;
}

/**
 * Writes a figure as specification, SVG and PNG, each file whole; equal figures give equal bytes.
 *
 * @param figure what a figure function gave
 * @param options.folder where, e.g. `figures/tiny`; made when missing
 * @param options.name the files' name without ending, e.g. `table-1`; files of the name are replaced
 * @throws StorageError when the disk refuses
 */
export async function writeFigure(
  figure: Figure,
  options: { readonly folder: string; readonly name: string },
): Promise<FigureFiles> {
  const path = join(options.folder, options.name);
  const files = {
    spec: `${path}${figure.language === 'vega' ? '.vg' : '.vl'}.json`,
    svg: `${path}.svg`,
    png: `${path}.png`,
  };
  const svg = await renderSvg(figure);
  const png = renderPng(svg);
  writeFileWhole(files.spec, `${JSON.stringify(figure.spec, null, 1)}\n`);
  writeFileWhole(files.svg, `${svg}\n`);
  writeFileWhole(files.png, png);
  return files;
}
