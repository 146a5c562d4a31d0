import { contextOfReadout, probeOf } from './linear-probing';
import type { JobWork } from './plan';
import { contextOfTrial } from './recipe-trials';
import { riskOf, supervisedOf } from './risk-decomposition';
import { fineTuneOf } from './run-fine-tune';
import type { StudyContext } from './study-context';
import { encoderOf, featuresOf } from './study-encoders';

/** Does a job of a study, unless it is done; its table takes it up. */
export async function runJob(study: StudyContext, work: JobWork): Promise<void> {
  const context = contextOf(study, work);
  switch (work.kind) {
    case 'pretrain':
      await encoderOf(context, work.encoder);
      break;
    case 'features':
      await featuresOf(context, work.encoder);
      break;
    case 'probe':
      await probeOf(context, work.encoder, work.probe);
      break;
    case 'train':
      await fineTuneOf(context, work.training);
      break;
    case 'supervised':
      await supervisedOf(context, work.trainings);
      break;
    case 'risk':
      await riskOf(context, work.encoder);
      break;
  }
}

/** The study as the job's trial or readout changes it. */
function contextOf(study: StudyContext, work: JobWork): StudyContext {
  if (!('encoder' in work)) return study;
  const { trial, readout } = work;
  if (trial !== undefined) return contextOfTrial(study, trial);
  return readout === undefined ? study : contextOfReadout(study, readout);
}
