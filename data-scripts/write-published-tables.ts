import { join, resolve } from 'node:path';
import { findMisprints, misprintsCsv, readPublishedTables, writeFileWhole } from 'hybrid-ecg';
import { publishedFiles } from './published-tables';

// Writes paper-tables/published/ again: npx tsc -b lib data-scripts && node data-scripts/dist/write-published-tables.js
const folder = resolve(__dirname, '../../paper-tables/published');
for (const { name, text } of publishedFiles()) writeFileWhole(join(folder, name), text);
writeFileWhole(join(folder, 'misprints.csv'), misprintsCsv(findMisprints(readPublishedTables(folder))));
