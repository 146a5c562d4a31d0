/** A file that is not as the list says. */
export interface Damage {
  readonly name: string;
  readonly detail: string;
}

/** As many names are told; the rest is counted. */
const NAMED = 10;

/** What a comparison with a publisher's list found. */
export class Findings {
  /** Files compared. */
  files = 0;
  wholeFiles = 0;
  wholeBytes = 0;
  damagedFiles = 0;
  /** The first few of them. */
  readonly damages: Damage[] = [];
  private readonly folders = new Map<string, { present: number; missing: number; names: string[] }>();

  whole(name: string, bytes: number): void {
    this.files++;
    this.wholeFiles++;
    this.wholeBytes += bytes;
    this.folderOf(name).present++;
  }

  damaged(name: string, detail: string): void {
    this.files++;
    this.damagedFiles++;
    if (this.damages.length < NAMED) this.damages.push({ name, detail });
    this.folderOf(name).present++;
  }

  missing(name: string): void {
    this.files++;
    const folder = this.folderOf(name);
    folder.missing++;
    if (folder.names.length < NAMED) folder.names.push(name);
  }

  /** Folders of which nothing is here: left out on purpose, as the 500 Hz files by who wants those at 100 Hz. */
  get leftOut(): { readonly folder: string; readonly files: number }[] {
    return [...this.folders]
      .filter(([folder, { present, missing }]) => folder !== '' && present === 0 && missing > 1)
      .map(([folder, { missing }]) => ({ folder, files: missing }));
  }

  /** Files that are missing where others of their folder are here. */
  get missingFiles(): number {
    return this.incomplete.reduce((sum, { missing }) => sum + missing, 0);
  }

  /** The first few of them. */
  get missingNames(): string[] {
    return this.incomplete.flatMap(({ names }) => names).slice(0, NAMED);
  }

  private get incomplete() {
    const left = new Set(this.leftOut.map(({ folder }) => folder));
    return [...this.folders].filter(([folder]) => !left.has(folder)).map(([, counts]) => counts);
  }

  private folderOf(name: string): { present: number; missing: number; names: string[] } {
    const folder = name.includes('/') ? name.slice(0, name.indexOf('/')) : '';
    let counts = this.folders.get(folder);
    if (counts === undefined) {
      counts = { present: 0, missing: 0, names: [] };
      this.folders.set(folder, counts);
    }
    return counts;
  }
}
