import type { DataRow } from './show-data-frame';

/** Records of the synthetic cohort that are broken on purpose, and what standardising made of them. */
export interface PlantedFault {
  /** The store, such as `synthetic` or `synthetic-ikem`. */
  readonly store: string;
  readonly reason: string;
  /** Records broken in this way. */
  readonly planted: number;
  /** Of these rejected for this reason. */
  readonly found: number;
  /** Records rejected for this reason that nobody broke. */
  readonly wronglyRejected: number;
}

/**
 * Faults as rows of a table: a row a reason, a column a format with `found of planted`, last how many records were rejected
 * that nobody broke.
 */
export function plantedFaultRows(faults: readonly PlantedFault[]): DataRow[] {
  const stores = [...new Set(faults.map(({ store }) => store))];
  return [...new Set(faults.map(({ reason }) => reason))].map((reason) => {
    const own = faults.filter((fault) => fault.reason === reason);
    const cells = stores.map((store) => {
      const fault = own.find((one) => one.store === store);
      const format = store.replace(/^synthetic-/, '').replace(/^synthetic$/, 'ptb-xl');
      return [format, fault === undefined ? '' : `${fault.found} of ${fault.planted}`];
    });
    const wrongly = own.reduce((sum, fault) => sum + fault.wronglyRejected, 0);
    return { reason, ...Object.fromEntries(cells), 'rejected, but not broken': wrongly };
  });
}
