// Advance widths of Arimo (Arial, Helvetica) in thousandths of the font size, for the characters ' ' to '~'.
const WIDTHS = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
const OTHER = 556;

/**
 * The width of a line of text in Arimo Regular, so that figures are laid out alike on every machine.
 *
 * @param text one line
 * @param fontSize px
 * @returns px, without kerning
 */
export function textWidth(text: string, fontSize: number): number {
  let thousandths = 0;
  for (const character of text) thousandths += WIDTHS[character.codePointAt(0)! - 32] ?? OTHER;
  return (thousandths * fontSize) / 1000;
}
