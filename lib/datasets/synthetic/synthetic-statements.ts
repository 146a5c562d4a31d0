import { formatCsv } from '../../io/csv';
import type { Superclass } from '../superclass';

interface Statement {
  readonly code: string;
  readonly description: string;
  /** Set for diagnostic statements. */
  readonly superclass?: Superclass;
  readonly subclass?: string;
  readonly kind: 'diagnostic' | 'form' | 'rhythm';
}

const diagnostic = (code: string, superclass: Superclass, subclass: string, description: string): Statement => ({
  code,
  superclass,
  subclass,
  description,
  kind: 'diagnostic',
});

/** The SCP-ECG statements that the synthetic cohort uses, by their standard codes. */
export const SYNTHETIC_STATEMENTS: readonly Statement[] = [
  diagnostic('NORM', 'NORM', 'NORM', 'normal ECG'),
  diagnostic('IMI', 'MI', 'IMI', 'inferior myocardial infarction'),
  diagnostic('ASMI', 'MI', 'AMI', 'anteroseptal myocardial infarction'),
  diagnostic('AMI', 'MI', 'AMI', 'anterior myocardial infarction'),
  diagnostic('LMI', 'MI', 'LMI', 'lateral myocardial infarction'),
  diagnostic('NDT', 'STTC', 'STTC', 'non-diagnostic T abnormalities'),
  diagnostic('ISC_', 'STTC', 'ISC_', 'non-specific ischemic ST-T changes'),
  diagnostic('ISCAL', 'STTC', 'ISCA', 'ischemic ST-T changes in anterolateral leads'),
  diagnostic('LNGQT', 'STTC', 'STTC', 'long QT interval'),
  diagnostic('CRBBB', 'CD', 'CRBBB', 'complete right bundle branch block'),
  diagnostic('IRBBB', 'CD', 'IRBBB', 'incomplete right bundle branch block'),
  diagnostic('CLBBB', 'CD', 'CLBBB', 'complete left bundle branch block'),
  diagnostic('LAFB', 'CD', 'LAFB/LPFB', 'left anterior fascicular block'),
  diagnostic('1AVB', 'CD', '_AVB', 'first degree AV block'),
  diagnostic('LVH', 'HYP', 'LVH', 'left ventricular hypertrophy'),
  diagnostic('RVH', 'HYP', 'RVH', 'right ventricular hypertrophy'),
  diagnostic('LAO/LAE', 'HYP', 'LAO/LAE', 'left atrial enlargement'),
  { code: 'INVT', description: 'inverted T waves', kind: 'form' },
  { code: 'ABQRS', description: 'abnormal QRS', kind: 'form' },
  { code: 'SR', description: 'sinus rhythm', kind: 'rhythm' },
  { code: 'SBRAD', description: 'sinus bradycardia', kind: 'rhythm' },
  { code: 'STACH', description: 'sinus tachycardia', kind: 'rhythm' },
];

const COLUMNS = [
  '',
  'description',
  'diagnostic',
  'form',
  'rhythm',
  'diagnostic_class',
  'diagnostic_subclass',
  'Statement Category',
  'SCP-ECG Statement Description',
  'AHA code',
  'aECG REFID',
  'CDISC Code',
  'DICOM Code',
] as const;

/** The synthetic cohort's `scp_statements.csv`, with the publisher's columns. */
export function syntheticStatementsCsv(): string {
  return formatCsv(
    COLUMNS,
    SYNTHETIC_STATEMENTS.map(({ code, description, superclass, subclass, kind }) => ({
      '': code,
      description,
      [kind]: '1.0',
      diagnostic_class: superclass,
      diagnostic_subclass: subclass,
      'SCP-ECG Statement Description': description,
    })),
  );
}
