import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, it } from 'vitest';
import { expectLinear } from './expect-linear';

const ROOT = join(__dirname, '..');

/** Every regular expression written in a source file. */
function expressionsOf(path: string): RegExp[] {
  const found: RegExp[] = [];
  const text = readFileSync(join(ROOT, path), 'utf8');
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

const SOURCES = ['lib', 'data-scripts'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mts|mjs|cjs)$/.test(name) && !/(^|\/)(dist|node_modules)\//.test(name))
    .map((name) => join(folder, name)),
);
const EXPRESSIONS = SOURCES.flatMap((path) =>
  expressionsOf(path).map((expression) => [`${path} ${expression}`, expression] as const),
);

/** Texts that a hostile file repeats: single characters, and the words of the expression itself. */
function pumpsOf({ source }: RegExp): string[] {
  const words = source.match(/(?:[\w<>!-]|\\[/.(){}[\]])+/g) ?? [];
  const plain = words.map((word) => word.replaceAll('\\', ''));
  return [...'0aA _.-+:/<>([#=\t\n\r,"\'\\', '\u00a0', ...plain, ...plain.map((word) => `${word} `), '( ', ' \n'];
}

/** Beginnings that lead past the fixed parts of an expression to what it repeats. */
const OPENINGS = [
  ...['', '0'.repeat(64), `${'0'.repeat(64)} `, 'bytes 1-', '1.', '1-', '1/', '1(', '1+', '-', '#', '#1: ', '\n'],
  ...['<?xml ', 'flags\t:', 'Model:', 'Module ', 'md5:', 'blocks.', '12_20205_', 'nvidia/a/lib/lib', 'shape ['],
];
const ENDINGS = ['', '\0', '\r', '\n\0', '\r\0'];

/** As `String.replace` and `matchAll` go through a text; a sticky expression is asked at each place by its caller. */
function scan(expression: RegExp, text: string): void {
  expression.lastIndex = 0;
  if (expression.global) text.replace(expression, '');
  else expression.exec(text);
}

describe('every regular expression takes time in proportion to the text', () => {
  it.each(EXPRESSIONS)('%s', (_, expression) => {
    for (const pump of pumpsOf(expression)) {
      for (const before of OPENINGS) {
        for (const after of ENDINGS) {
          expectLinear((size) => {
            const text = before + pump.repeat(Math.ceil(size / pump.length)) + after;
            return () => scan(expression, text);
          });
        }
      }
    }
  });
});
