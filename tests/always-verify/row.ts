import type { ErrorCode, Role } from '../../src-preload/contract/index.ts';

/**
 * The rows of docs/always-verify.md, as data. A row is a decision that somebody took about one endpoint; it is never derived
 * from the code that it is compared with.
 */
export interface Row {
  /** What is looked up at each call, after the caller is known: "job is the user's, now". */
  readonly against: string;
  /** What of the request itself is verified: signatures, digests, fences, codes. */
  readonly verified: string;
  /** Besides those that every endpoint of the listener has. */
  readonly refusals: readonly ErrorCode[];
}

/** An endpoint for machines that are known from TLS. */
export interface DeviceRow extends Row {
  /** One of these is needed; `any`: whoever is approved. */
  readonly roles: readonly Role[] | 'any';
  /** A whole body whose session is this one: the generated test tries sessions that are somebody else's. */
  readonly withSession?: (session: string) => object;
}

export const row = (against: string, verified = '', ...refusals: ErrorCode[]): Row => ({
  against,
  verified,
  refusals
});
export const deviceRow = (
  roles: DeviceRow['roles'],
  against: string,
  verified = '',
  ...refusals: ErrorCode[]
): DeviceRow => ({ roles, against, verified, refusals });
