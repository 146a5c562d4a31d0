import { AccessError } from './download-errors';

/** User and password for one publisher. The password shows in nothing that is printed, inspected or serialised. */
export interface Credentials {
  /** The only origin that they are sent to. */
  readonly origin: string;
  /** Value of the Authorization header. */
  authorization(): string;
}

/** Where a publisher's credentials come from. */
export interface CredentialSource {
  readonly origin: string;
  /** Environment variables. */
  readonly user: string;
  readonly password: string;
}

/**
 * Takes a publisher's credentials from the environment: never from an argument, which every user of a machine can see.
 *
 * @returns undefined where neither variable is set
 * @throws AccessError when only one of both is set
 */
export function credentialsFromEnvironment(
  source: CredentialSource,
  environment: NodeJS.ProcessEnv,
): Credentials | undefined {
  const user = environment[source.user] ?? '';
  const password = environment[source.password] ?? '';
  if (user === '' && password === '') return undefined;
  if (user === '' || password === '') {
    const [set, missing] = user === '' ? [source.password, source.user] : [source.user, source.password];
    throw new AccessError('credentials', {
      expected: `${source.user} and ${source.password}`,
      actual: `${set} without ${missing}`,
    });
  }
  const header = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return { origin: source.origin, authorization: () => header };
}

/** Whether they may go to a URL: to their origin alone, and encrypted, but for a server on this machine. */
export function mayReceive(credentials: Credentials, url: string): boolean {
  const { origin, protocol, hostname } = new URL(url);
  const safe = protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return safe && origin === credentials.origin;
}
