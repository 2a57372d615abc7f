import type { IppAttribute } from './message.ts';
import type { StatusName } from './registry.ts';

/**
 * Why an IPP message or request is not accepted, with the status code that says so to the other side. It stays inside
 * this folder; what leaves it is a LetterlockError. The reason is public and never quotes what was received.
 */
export class IppRefusal extends Error {
  override readonly name = 'IppRefusal';

  constructor(
    readonly status: StatusName,
    readonly reason: string,
    /** Attributes to name in the unsupported-attributes group of the response. */
    readonly unsupported: readonly IppAttribute[] = []
  ) {
    super(`${status}: ${reason}`);
  }
}

export const badRequest = (reason: string): IppRefusal => new IppRefusal('client-error-bad-request', reason);
export const tooLarge = (reason: string): IppRefusal => new IppRefusal('client-error-request-entity-too-large', reason);
