import { printable } from '../errors';

/** Text that is safe inside HTML, without control characters. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The note below or above a table, red where ECGs are simulated. */
export function noteHtml(text: string, options: { readonly warning?: boolean } = {}): string {
  const escaped = escapeHtml(text);
  return options.warning ? `<b style="color: #c0392b">${escaped}</b>` : `<small>${escaped}</small>`;
}
