import { posix } from 'node:path';
import { FormatError, MissingFileError } from '../errors';
import { bufferSource } from '../io/byte-source';
import type { FileTree } from '../io/file-tree';
import { openFileTreeSync } from '../io/open-file-tree';
import { readAtMost } from '../io/read-at-most';
import { LARGEST_XML, parseXml } from '../io/xml';
import { zipTree } from '../io/zip-tree';
import { cardioSoftStrip } from './cardiosoft-strip';
import type { Dataset, DatasetFormat, DatasetRow } from './dataset';

/** UK Biobank's resting ECGs, field 20205: 12 leads, 10 s at 500 Hz; restricted access (Sudlow et al., 2015). */
export const ukBiobank: DatasetFormat = {
  name: 'uk-biobank',
  title: 'UK Biobank, field 20205: 12-lead ECGs at rest, United Kingdom; on application',
  options: [],
  open: (folder) => openUkBiobank(folder),
};

const FILE_NAME = /^(\d{1,15})_20205_(\d{1,3})_(\d{1,3})\.(xml|zip)$/i;
/** Largest archive of one ECG; they have a tenth of a megabyte. */
const MAX_ARCHIVE = 1 << 26;

/**
 * Opens UK Biobank's field 20205: `{eid}_20205_{instance}_{array}.xml`, each perhaps inside a `.zip` of that name.
 *
 * The files may lie flat or in folders, as the bulk download or the research platform leaves them. A participant has an
 * ECG for each imaging visit (instance); all have the same patient id, `eid`. Rows are sorted by eid, instance, array.
 *
 * @param path the folder, a zip archive of it, or the opened tree of either
 * @throws MissingFileError when there is no file of such a name; FormatError when an ECG is there twice
 */
export function openUkBiobank(path: string | FileTree): Dataset {
  const files = openFileTreeSync(path);
  try {
    const rows = findRows(files);
    return {
      name: ukBiobank.name,
      folder: files.path,
      choices: {},
      rows,
      read(row) {
        const { recordId, patientId, file } = row;
        const where = { file: files.show(file), record: recordId };
        const strip = cardioSoftStrip(parseXml(readXml(files, row), where), where);
        return { dataset: ukBiobank.name, recordId, patientId, file, ...strip };
      },
      close: () => files.close(),
    };
  } catch (fault) {
    files.close();
    throw fault;
  }
}

function findRows(files: FileTree): DatasetRow[] {
  const found = new Map<string, { order: number[]; row: DatasetRow }>();
  for (const file of files.list()) {
    const match = FILE_NAME.exec(posix.basename(file));
    if (match === null) continue;
    const [name, patientId, instance, array, kind] = match;
    const recordId = name.slice(0, -'.xml'.length);
    const other = found.get(recordId)?.row.file;
    if (other !== undefined && isXml(other) === (kind.toLowerCase() === 'xml')) {
      const where = { file: files.show(file), record: recordId };
      throw new FormatError('ECG', { expected: 'each once', actual: `'${other}' too`, where });
    }
    if (other !== undefined && isXml(other)) continue; // unpacked beside its archive
    const row = { recordId, patientId, stratFold: 0, file, superclasses: undefined };
    found.set(recordId, { order: [Number(patientId), Number(instance), Number(array)], row });
  }
  if (found.size === 0) {
    const expected = '{eid}_20205_{instance}_{array}.xml or .zip';
    throw new MissingFileError('ECGs', { expected, actual: 'none', where: { file: files.path } });
  }
  return [...found.values()]
    .sort(({ order: a }, { order: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
    .map(({ row }) => row);
}

function isXml(file: string): boolean {
  return file.toLowerCase().endsWith('.xml');
}

/** The XML of one ECG, out of its archive where it is in one. */
function readXml(files: FileTree, row: DatasetRow): Buffer {
  const { file, recordId } = row;
  const where = { file: files.show(file), record: recordId };
  const document = { most: LARGEST_XML, what: 'XML', where: () => where };
  if (isXml(file)) return readAtMost(files, file, document);
  const bytes = readAtMost(files, file, { most: MAX_ARCHIVE, what: 'archive of an ECG', where: () => where });
  const archive = zipTree(bufferSource(bytes, files.show(file)));
  const documents = archive.list().filter(isXml);
  const isOwn = (name: string) => name.toLowerCase() === `${recordId}.xml`;
  const name = documents.length === 1 ? documents[0] : documents.find(isOwn);
  if (name !== undefined) return readAtMost(archive, name, document);
  throw new FormatError('archive of an ECG', {
    expected: `${recordId}.xml`,
    actual: documents.join(', ') || 'none',
    where,
  });
}
