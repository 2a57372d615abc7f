import type { Queue } from './port.ts';

/**
 * The virtual printer as a CUPS device. By number, not as localhost: another user's program could listen on the other address
 * of that name, and CUPS remembers certificates by host, where localhost is cupsd itself.
 */
export function deviceUri(port: number | string, credentials?: Queue['credentials']): string {
  const userinfo = credentials
    ? `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`
    : '';
  return `ipps://${userinfo}127.0.0.1:${port}/ipp/print`;
}

/** What plans show instead of credentials. */
export const placeholder: Queue['credentials'] = { user: 'letterlock', password: 'SECRET' };
