import type { FileTree } from '../io/file-tree';
import { loadHdf5 } from '../io/hdf5-library';
import { openFileTreeSync } from '../io/open-file-tree';
import type { Dataset } from './dataset';
import { Hdf5Parts } from './hdf5-parts';

/**
 * Opens a dataset that lies in HDF5 files; what is open is closed with it, and when it cannot be opened.
 *
 * @param path the dataset's folder, a zip archive of it, or the opened tree of either
 * @param open makes the dataset out of its files and its HDF5 files among them
 */
export async function openHdf5Dataset(
  path: string | FileTree,
  open: (files: FileTree, parts: Hdf5Parts) => Omit<Dataset, 'folder' | 'requireRoom' | 'close'>,
): Promise<Dataset> {
  const files = openFileTreeSync(path, 'exams.csv');
  const parts = new Hdf5Parts(await loadHdf5(), files);
  const close = () => {
    parts.close();
    files.close();
  };
  try {
    return {
      ...open(files, parts),
      folder: files.path,
      requireRoom: (processes) => parts.requireRoom(processes),
      close,
    };
  } catch (fault) {
    close();
    throw fault;
  }
}
