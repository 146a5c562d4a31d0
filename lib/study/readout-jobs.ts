import type { Readout } from '../evaluate/readout';
import type { StudyBasis } from './encoder-jobs';
import type { Profile } from './profile-schema';

/** What probes usually read (MAE, ST-MEM), the mean patch token of the last layer; the paper does not name its own. */
const USUAL_READOUT: Readout = 'mean';

/** What the probes of a profile read. */
export function readoutOf({ probing }: Pick<Profile, 'probing'>): Readout {
  return probing?.pooling ?? USUAL_READOUT;
}

/** The readouts in which Table 1 is made: the profile's, and the usual one where that is another. */
export function readoutsOf(profile: Pick<Profile, 'probing'>): Readout[] {
  return [...new Set([readoutOf(profile), USUAL_READOUT])];
}

/** The profile with another readout; the same where it is its own. */
export function profileOfReadout(profile: Profile, readout: Readout): Profile {
  return readout === readoutOf(profile) ? profile : { ...profile, probing: { ...profile.probing, pooling: readout } };
}

/** What the jobs of a readout depend on. */
export function basisOfReadout(basis: StudyBasis, readout: Readout): StudyBasis {
  return { ...basis, profile: profileOfReadout(basis.profile, readout) };
}
