import { PRETRAINING_METHODS } from '../pretrain/method';
import type { EncoderSpec, StudyBasis } from './encoder-jobs';
import type { Profile, Trial } from './profile-schema';

/** The profile's own recipes, as trials that change nothing. */
export function ownRecipes(): Trial[] {
  return PRETRAINING_METHODS.map((method) => {
    return { title: "the profile's", method, changes: {} };
  });
}

/** The profile with a trial's changes. */
export function profileOfTrial(profile: Profile, { method, changes }: Trial): Profile {
  const { methods, ...recipe } = profile.pretraining;
  const { architecture, epochs, learningRate, ...changed } = changes;
  const own = given({ architecture, epochs, learningRate });
  const pretraining = { ...recipe, ...changed, methods: { ...methods, [method]: { ...methods[method], ...own } } };
  return { ...profile, pretraining };
}

/** What the jobs of a trial depend on. */
export function basisOfTrial(basis: StudyBasis, trial: Trial): StudyBasis {
  return { ...basis, profile: profileOfTrial(basis.profile, trial) };
}

/** The encoder of a trial: its method's, of the profile's first seed. */
export function encoderOfTrial(profile: Profile, trial: Trial): EncoderSpec {
  const { method } = trial;
  const { architecture } = profileOfTrial(profile, trial).pretraining.methods[method];
  return { method, architecture, seed: profile.seeds[0] };
}

function given<Settings extends object>(settings: Settings): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<Settings>;
}
