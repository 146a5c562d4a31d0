import { createHash } from 'node:crypto';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Figure } from './figure';
import { indexedPng } from './indexed-png';
import { textWidth } from './text-width';

/**
 * Draws a figure as SVG: the same bytes on every machine, in every process and time zone.
 *
 * @returns the SVG's text; a control character in a text of the figure is drawn as U+FFFD
 * @throws Error of Vega when the specification cannot be drawn
 */
export async function renderSvg(figure: Figure): Promise<string> {
  measureTextInArimo();
  const spec =
    figure.language === 'vega'
      ? (figure.spec as unknown as vega.Spec)
      : compile(figure.spec as unknown as TopLevelSpec).spec;
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return withOwnIds(svg.replace(NOT_DRAWN, '\ufffd'));
}

/** What XML 1.0 forbids makes the drawing unreadable; marks of direction reorder its text. */
const NOT_DRAWN = /[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Vega counts clip paths through the process: here from 1, after a hash, so that drawings can share a page. */
function withOwnIds(svg: string): string {
  const prefix = `f${createHash('sha256')
    .update(svg.replace(/\bclip\d+\b/g, 'clip'))
    .digest('hex')
    .slice(0, 8)}`;
  const names = new Map<string, string>();
  return svg.replace(/(id="|url\(#)(clip\d+)\b/g, (_, before: string, id: string) => {
    if (!names.has(id)) names.set(id, `${prefix}-${names.size + 1}`);
    return `${before}${names.get(id)}`;
  });
}

/** Vega would measure text with the canvas package where that is installed, else guess: layouts would differ. */
function measureTextInArimo(): void {
  const { textMetrics } = vega as unknown as { textMetrics: { width: (item: TextItem, text?: unknown) => number } };
  textMetrics.width = (item, text) => textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
}

interface TextItem {
  readonly text?: unknown;
  readonly fontSize?: number;
}

/**
 * Draws an SVG as PNG, its text in the Arimo that the kit brings: no font of the machine is used.
 *
 * @param svg the SVG's text
 * @param options.scale pixels of the PNG per unit of the SVG; default 2
 * @param options.colours 'full' (default), or 'palette': a quarter of the size, colours at edges rounded
 */
export function renderPng(
  svg: string,
  options: { readonly scale?: number; readonly colours?: 'full' | 'palette' } = {},
): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: options.scale ?? 2 },
    font: {
      loadSystemFonts: false,
      defaultFontFamily: 'Arimo',
      fontFiles: [
        '400Regular/Arimo_400Regular.ttf',
        '400Regular_Italic/Arimo_400Regular_Italic.ttf',
        '700Bold/Arimo_700Bold.ttf',
      ].map((file) => require.resolve(`@expo-google-fonts/arimo/${file}`)),
    },
  });
  const image = resvg.render();
  return options.colours === 'palette' ? indexedPng(image) : image.asPng();
}
