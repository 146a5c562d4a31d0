import type { ModelName } from './probed-model';
import { relationWords } from './relation-words';

/** A sentence of the paper that its tables should carry, as comparisons between cells. */
export interface Claim {
  readonly id: string;
  /** The table it is about, e.g. 'table-1'. */
  readonly table: string;
  /** Where the paper says it, e.g. '4.2'. */
  readonly section: string;
  /** A short quote. */
  readonly sentence: string;
  /** All of them must hold. */
  readonly relations: readonly Relation[];
}

/** The left cell is better than the right one. */
export interface Relation {
  readonly left: ClaimCell;
  readonly right: ClaimCell;
  /** A column of the table. */
  readonly measure: string;
  /** Default: higher is better. */
  readonly lowerIsBetter?: boolean;
}

/** A row of a table, and which figure of it: the cell itself, or what it gains or loses against another row. */
export interface ClaimCell {
  readonly model: ModelName;
  /** Default: the claim's own, e.g. 'table-3'. */
  readonly table?: string;
  /** Key columns besides the model, e.g. `{ case_ratio_percent: '5' }`. */
  readonly setting?: Readonly<Record<string, string>>;
  /** Of several rows of the model: that of the other side's architecture, else the first. Default: each of them. */
  readonly architecture?: 'same';
  /** The figure is the gap to this row: own minus other, of the same architecture where there is one. */
  readonly minus?: ClaimRow;
  /** The figure is the loss against this row in percent, `100 (other - own) / other`. */
  readonly dropFrom?: ClaimRow;
}

/** A row that another one is compared with. */
export type ClaimRow = Pick<ClaimCell, 'model' | 'table' | 'setting'>;

/** What one source (the paper, our runs) says about a comparison: left minus right. */
export interface Difference {
  readonly difference: number;
  /** Interval of the difference; for figures without one both are the difference. */
  readonly low: number;
  readonly high: number;
  /** Which of several rows of the left model, e.g. '250/2/1024'. */
  readonly leftRow?: string;
  /** Which of several rows of the right model. */
  readonly rightRow?: string;
}

/** A source of figures for the claims of one table. */
export interface Evidence {
  /** The differences of a comparison, one a pair of rows it names; empty where a figure is missing. */
  differences(relation: Relation): readonly Difference[];
}

/**
 * holds: every comparison; fails: at least one is the other way round, or exactly even, as where two rows share what is
 * compared; undecided: the interval does not tell.
 */
export type Verdict = 'holds' | 'fails' | 'undecided';

/** A claim's row in `claims.csv`. */
export interface JudgedClaim {
  readonly claim: Claim;
  readonly onPaper: Verdict;
  readonly onOurs: Verdict;
  /** The cells that fail or are undecided, in words, for the paper and for ours. */
  readonly detail: string;
  /** The same for a reader in passing: the first few of them. */
  readonly brief: { readonly paper: string; readonly ours: string };
}

/**
 * Judges claims on the paper's own figures and on ours.
 *
 * @param claims of one table
 * @param evidence the paper's figures, and ours with the interval of each difference (paired bootstrap)
 * @returns a verdict each, in order
 */
export function judgeClaims(
  claims: readonly Claim[],
  evidence: { readonly paper: Evidence; readonly ours: Evidence },
): JudgedClaim[] {
  return claims.map((claim) => {
    const paper = judge(claim, evidence.paper);
    const ours = judge(claim, evidence.ours);
    return {
      claim,
      onPaper: paper.verdict,
      onOurs: ours.verdict,
      detail: `paper: ${paper.words(MOST_LISTED)}; ours: ${ours.words(MOST_LISTED)}`,
      brief: { paper: paper.words(MOST_SHOWN), ours: ours.words(MOST_SHOWN) },
    };
  });
}

/** More cells than this are counted. */
const MOST_LISTED = 12;
const MOST_SHOWN = 3;

interface Finding {
  readonly verdict: Verdict;
  readonly text: string;
}

function judge(claim: Claim, evidence: Evidence): { verdict: Verdict; words: (most: number) => string } {
  const findings = claim.relations.flatMap((relation) => judgeRelation(relation, evidence));
  const of = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).map(({ text }) => text);
  const [fails, undecided] = [of('fails'), of('undecided')];
  const count = findings.length;
  const words = (most: number) => {
    const parts = [
      ...(fails.length > 0 ? [`fails for ${listed(fails, { most, count })}`] : []),
      ...(undecided.length > 0 ? [`undecided for ${listed(undecided, { most, count })}`] : []),
    ];
    if (parts.length > 0) return parts.join(' and ');
    if (count === 1) return `holds, ${findings[0].text}`;
    return `${count === 2 ? 'both' : `all ${count}`} comparisons hold`;
  };
  return { verdict: fails.length > 0 ? 'fails' : undecided.length > 0 ? 'undecided' : 'holds', words };
}

/** The first of them, and how many more. */
function listed(texts: readonly string[], { most, count }: { most: number; count: number }): string {
  const more = texts.length - most;
  return texts.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more of ${count} comparisons` : '');
}

function judgeRelation(relation: Relation, evidence: Evidence): Finding[] {
  const { lowerIsBetter } = relation;
  const unit = relation.left.dropFrom === undefined ? '' : ' %';
  const differences = evidence.differences(relation);
  if (differences.length === 0) return [{ verdict: 'undecided', text: `${relationWords(relation)} (no figure)` }];
  return differences.map(({ difference, low, high, ...rows }) => {
    const [worst, best] = lowerIsBetter ? [-high, -low] : [low, high];
    // Figures without an interval are either better or not; a tie is not.
    const verdict = worst > 0 ? 'holds' : best < 0 || (low === high && best <= 0) ? 'fails' : 'undecided';
    const interval = low === high ? '' : ` [${signed(low)}, ${signed(high)}]`;
    const figures = low === 0 && high === 0 ? 'equal' : `${signed(difference)}${interval}${unit}`;
    return { verdict, text: `${relationWords(relation, rows)} (${figures})` };
  });
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;
}
