import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { DEFAULT_QUALITY, type QualityOptions } from '../../lib/signal/quality';
import { qualityThresholds } from '../../lib/signal/quality-thresholds';

describe('qualityThresholds', () => {
  it('fills in what is not given, and keeps the order, which the hash of a store goes by', () => {
    expect(qualityThresholds()).toEqual(DEFAULT_QUALITY);
    const given = { rejectDuplicates: false, maxAmplitudeMv: 1e9, minRateHz: undefined };
    const quality = qualityThresholds(given);
    expect(Object.keys(quality)).toEqual(Object.keys(DEFAULT_QUALITY));
    expect(quality).toEqual({ ...DEFAULT_QUALITY, rejectDuplicates: false, maxAmplitudeMv: 1e9 });
  });

  it.each<[string, object, RegExp]>([
    ['no number', { maxAmplitudeMv: Number.NaN }, /maxAmplitudeMv/],
    ['endless', { maxAmplitudeMv: Number.POSITIVE_INFINITY }, /maxAmplitudeMv/],
    ['negative', { flatMv: -1 }, /flatMv/],
    ['misspelt', { maxAmplitudeMV: 5 }, /Unrecognized key: "maxAmplitudeMV"/],
    ['a text', { minRateHz: '50' }, /expected number, received string/],
    ['above 1', { maxInvalidFraction: 5 }, /maxInvalidFraction/],
    ['half a lead', { maxFlatLeads: 1.5 }, /maxFlatLeads/],
    ['more leads than there are', { maxClippedLeads: 13 }, /maxClippedLeads/],
    ['an empty range of rates', { minRateHz: 500, maxRateHz: 100 }, /minRateHz is above maxRateHz/],
    ['an empty range of amplitudes', { minAmplitudeMv: 20 }, /minAmplitudeMv is above maxAmplitudeMv/],
  ])('refuses a threshold that is %s', (_, quality, message) => {
    expect(() => qualityThresholds(quality as QualityOptions)).toThrow(ArgumentError);
    expect(() => qualityThresholds(quality as QualityOptions)).toThrow(message);
  });
});
