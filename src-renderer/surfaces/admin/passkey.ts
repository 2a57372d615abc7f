import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { Input, Result } from '../../../src-preload/contract/index.ts';
import type { WebSessionStore } from '../../stores/web-session.ts';

/** The browser's side of passkeys (Web Authentication, Level 3). What the person breaks off is refused like a wrong one. */
const refused: Result<never> = { ok: false, code: 'sign-in-refused', message: '' };

export const passkeysHere = (): boolean => browserSupportsWebAuthn();

/** Shows a passkey that was made before. */
export const askPasskey = async (session: WebSessionStore): Promise<Result<Input<'session.passkey-sign-in'>>> => {
  const options = await session.getState().call('session.passkey-begin', {});
  if (!options.ok) return options;
  const optionsJSON = options.value as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON'];
  try {
    const response = await startAuthentication({ optionsJSON });
    return { ok: true, value: { response: response as Input<'session.passkey-sign-in'>['response'] } };
  } catch {
    return refused;
  }
};

/** Makes one. */
export const makePasskey = async (
  options: Readonly<Record<string, unknown>>
): Promise<Result<Input<'account.passkey-add'>['response']>> => {
  const optionsJSON = options as unknown as Parameters<typeof startRegistration>[0]['optionsJSON'];
  try {
    const response = await startRegistration({ optionsJSON });
    return { ok: true, value: response as Input<'account.passkey-add'>['response'] };
  } catch {
    return refused;
  }
};
