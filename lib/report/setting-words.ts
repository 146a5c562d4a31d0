const WORDS: Readonly<Record<string, (value: string) => string>> = {
  case_ratio_percent: (value) => `${value} % cases`,
  data_usage_percent: (value) => `${value} % labels`,
};

/** A setting in words: `{ case_ratio_percent: '5' }` is '5 % cases'; others stand as they are. */
export function settingWords(setting: Readonly<Record<string, string>>): string {
  return Object.entries(setting)
    .map(([key, value]) => WORDS[key]?.(value) ?? value)
    .join(' ');
}
