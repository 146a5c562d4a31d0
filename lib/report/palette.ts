import type { ModelName } from './probed-model';

/**
 * One colour and one shape a model in every figure: after Okabe and Ito (2008), told apart in all common forms of colour
 * blindness, and by shape without any colour.
 */
export const MODEL_COLOURS: Readonly<Record<ModelName, string>> = {
  'Random Initialization': '#7f7f7f',
  'Contrastive Learning': '#0072b2',
  'Generative Learning': '#e08a00',
  'Hybrid Learning': '#009e73',
  'Supervised Learning (ResNet)': '#b3508f',
  'Supervised Learning (ViT)': '#5f4690',
};

/** Vega's names of symbols. */
export const MODEL_SHAPES: Readonly<Record<ModelName, string>> = {
  'Random Initialization': 'square',
  'Contrastive Learning': 'circle',
  'Generative Learning': 'triangle-up',
  'Hybrid Learning': 'diamond',
  'Supervised Learning (ResNet)': 'triangle-down',
  'Supervised Learning (ViT)': 'cross',
};

/** As a path, which Vega draws as it does its symbols: its own `wedge` and `arrow` are too thin to be seen. */
const PENTAGON = 'M0,-1L0.95,-0.31L0.59,0.81L-0.59,0.81L-0.95,-0.31Z';

/** Shapes of a model's further architectures, where a table has several. */
export const FURTHER_SHAPES = ['triangle-right', PENTAGON, 'triangle-left'] as const;

/** One colour a superclass of PTB-XL, for maps of ECGs. Normal ECGs lie in the background. */
export const SUPERCLASS_COLOURS: Readonly<Record<string, string>> = {
  NORM: '#b5b5b5',
  MI: '#d55e00',
  STTC: '#0072b2',
  CD: '#009e73',
  HYP: '#cc79a7',
  other: '#5a4a3a',
};

/** Text and lines on the white card that every figure brings with it, so that light and dark themes show the same. */
export const INK = '#222222';
export const QUIET_INK = '#6a6a6a';
export const PAPER = '#ffffff';
/** For what must not be overlooked. */
export const WARNING = '#a3201f';
