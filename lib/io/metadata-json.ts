import type { z } from 'zod';
import { FormatError } from '../errors';

/**
 * What a weights file says of itself under a key, as JSON.
 *
 * @param metadata of the file
 * @returns undefined when the file does not have the key
 * @throws FormatError when the text is no JSON, or not of the schema
 */
export function metadataJson<Value>(
  metadata: Readonly<Record<string, string>>,
  key: string,
  { schema, file }: { schema: z.ZodType<Value>; file: string },
): Value | undefined {
  const text = metadata[key];
  if (text === undefined) return undefined;
  const refuse = (expected: string, cause: unknown) =>
    new FormatError('metadata', { expected, actual: text, where: { file, key }, cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse('JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw refuse(`${[...path, message].join(' ')}`, parsed.error);
}
