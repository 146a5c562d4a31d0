import { INK, PAPER, QUIET_INK, WARNING } from './palette';
import { captionLines, type Provenance, SYNTHETIC_NOTE } from './provenance';

/** A figure as a Vega-Lite v5 or Vega v5 specification, with its data inline. */
export interface Figure {
  readonly language: 'vega-lite' | 'vega';
  readonly spec: Readonly<Record<string, unknown>>;
  /** What it shows, in a sentence: the text for those who cannot see it. */
  readonly description: string;
}

const FONT = 'Arimo, Arial, Helvetica, sans-serif';

/** JupyterLab: its dark theme must not paint white axes on our white card, and it needs no menu. */
const USER_META = { embedOptions: { theme: 'none', actions: false, renderer: 'svg' } } as const;

/**
 * Makes a Vega-Lite figure: the kit's font, colours and white card around a specification.
 *
 * Only what Vega-Lite 5.6.1 knows may be in it: that is what JupyterLab 4 draws.
 */
export function vegaLiteFigure(description: string, spec: Readonly<Record<string, unknown>>): Figure {
  const axis = {
    domainColor: QUIET_INK,
    gridColor: '#e4e4e4',
    labelColor: INK,
    labelFontSize: 11,
    tickColor: QUIET_INK,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  };
  return {
    language: 'vega-lite',
    description,
    spec: {
      $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
      description,
      background: PAPER,
      padding: 12,
      usermeta: USER_META,
      ...spec,
      config: {
        font: FONT,
        view: { stroke: null },
        axis,
        header: { labelColor: INK, labelFontSize: 13, labelFontWeight: 'bold', titleColor: INK },
        legend: { labelColor: INK, labelFontSize: 12, titleColor: INK, titleFontSize: 12, titleFontWeight: 'normal' },
        title: {
          anchor: 'start',
          color: INK,
          fontSize: 15,
          fontWeight: 'bold',
          frame: 'group',
          offset: 10,
          subtitleColor: QUIET_INK,
          subtitleFontSize: 12,
          subtitleLineHeight: 16,
          subtitlePadding: 5,
        },
      },
    },
  };
}

/** Makes a Vega figure, for drawings that are no charts: the same font and card. */
export function vegaFigure(description: string, spec: Readonly<Record<string, unknown>>): Figure {
  return {
    language: 'vega',
    description,
    spec: {
      $schema: 'https://vega.github.io/schema/vega/v5.json',
      description,
      background: PAPER,
      padding: 12,
      usermeta: USER_META,
      ...spec,
      config: {
        style: { 'guide-label': { font: FONT, fill: INK }, 'guide-title': { font: FONT, fill: INK } },
        text: { font: FONT },
      },
    },
  };
}

/**
 * A figure's title and the lines below it: how to read it and where its data come from.
 *
 * With synthetic ECGs the title is red and says that they are.
 */
export function figureTitle(
  text: string,
  options: { readonly how?: string; readonly provenance?: Provenance },
): Readonly<Record<string, unknown>> {
  const { how, provenance } = options;
  const subtitle = [...(how === undefined ? [] : [how]), ...(provenance === undefined ? [] : captionLines(provenance))];
  const synthetic = provenance?.synthetic === true;
  return { text: synthetic ? [text, SYNTHETIC_NOTE] : text, subtitle, color: synthetic ? WARNING : INK };
}
