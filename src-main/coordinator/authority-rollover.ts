import { X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { succeedAuthority } from '../identity/certificate-authority.ts';
import type { Act } from './act.ts';
import { authoritySha256 } from './certificates.ts';
import { type AuthorityKeys, authorityFile, authorityFileOf, authorityKeysOf } from './key-files.ts';
import { keyFingerprint } from './key-folder.ts';
import type { ReplaceKeyFile } from './key-replacement.ts';
import type { OwnCertificate } from './own-certificate.ts';
import { createSchedule } from './schedule.ts';
import type { CoordinatorStore, Tables } from './store.ts';

/**
 * The life of the certificate authority. A new one issues from its first moment: a link (identity/certificate-authority.ts)
 * makes its certificates good for whoever knows only the old one, so nobody has to be told in time. The private key of the old
 * one goes at once. It is trusted until every approved machine was seen with a certificate of the new one, or its own is over.
 */
export interface AuthorityRollover {
  /** The next authority. Throws `conflict` while machines still have certificates of the one before. */
  renew(actor: string): Promise<void>;
  state(): Promise<AuthorityState>;
  /** Another coordinator has replaced it by this. */
  follow(content: Uint8Array, fingerprint: string): Promise<void>;
  /** Begins, with what became due while nothing ran. */
  start(): void;
  /** No more; resolves when what was under way is done. */
  close(): Promise<void>;
}
export interface AuthorityState {
  /** Milliseconds since the epoch. */
  readonly ends: number;
  /** `devices`: approved machines with a living certificate of it. */
  readonly previous: { readonly ends: number; readonly devices: number } | null;
}

const dayMs = 24 * 3600 * 1000;
/** A machine's certificate lives for 90 days, and an authority must outlive all that it issued. */
const renewBeforeMs = 365 * dayMs;

export function createAuthorityRollover(options: {
  readonly keys: AuthorityKeys;
  /** Of their file, when it counts for the database: undefined before there was another. */
  readonly fingerprint: string | undefined;
  readonly own: OwnCertificate;
  readonly store: CoordinatorStore;
  readonly refreshDirectory: () => Promise<void>;
  readonly replaceKeyFile: ReplaceKeyFile;
  readonly clock: Clock;
  readonly logger: Logger;
}): AuthorityRollover {
  const { own, store, refreshDirectory, replaceKeyFile, clock, logger } = options;
  let keys = options.keys;
  let fingerprint = options.fingerprint;
  async function replace(next: AuthorityKeys, actor: string, note: (act: Act) => void): Promise<void> {
    const content = authorityFileOf(next);
    const run = async (act: Act) => {
      if ((await act.tables.keyFiles.fingerprint(authorityFile)) !== fingerprint)
        throw new LetterlockError('conflict', 'another coordinator has just replaced it');
      note(act);
    };
    await replaceKeyFile({ name: authorityFile, content, actor, run });
    await use(next, keyFingerprint(content));
    await refreshDirectory();
  }

  async function use(next: AuthorityKeys, of: string): Promise<void> {
    keys = next;
    fingerprint = of;
    await own.renew(next);
  }

  async function succeed(actor: string): Promise<void> {
    if (keys.previous)
      throw new LetterlockError('conflict', 'machines still have certificates of the authority before');
    const { authority, linkPem } = await succeedAuthority(keys, clock.now());
    const next = { ...authority, previous: { certificatePem: keys.certificatePem, linkPem } };
    const detail = { expires: endOf(authority.certificatePem), before: authoritySha256(keys.certificatePem) };
    await replace(next, actor, ({ record }) =>
      record('authority.renewed', authoritySha256(authority.certificatePem), detail)
    );
  }

  async function dropPrevious({ certificatePem }: { readonly certificatePem: string }): Promise<void> {
    const { previous: _, ...rest } = keys;
    await replace(rest, 'coordinator', ({ record }) => record('authority.dropped', authoritySha256(certificatePem)));
  }

  async function devicesBehind(tables: Tables): Promise<number> {
    const current = authoritySha256(keys.certificatePem);
    const devices = await tables.devices.list();
    return devices.filter(
      ({ status, certificateAuthority, certificateExpires }) =>
        status === 'approved' && certificateAuthority !== current && certificateExpires > clock.now()
    ).length;
  }

  async function takeTurn(): Promise<void> {
    const { previous } = keys;
    if (previous && (await devicesBehind(store.tables)) === 0) await dropPrevious(previous);
    if (!keys.previous && endOf(keys.certificatePem) - renewBeforeMs <= clock.now()) await succeed('coordinator');
  }

  /** Each turn begins with the keys that the one before left. Nothing here is a matter of hours. */
  const schedule = createSchedule({
    what: 'the certificate authority',
    turn: takeTurn,
    retryMs: dayMs,
    clock,
    logger
  });

  return {
    renew: (actor) => schedule.inTurn(() => succeed(actor)),
    async state() {
      const { previous } = keys;
      return {
        ends: endOf(keys.certificatePem),
        previous: previous ? { ends: endOf(previous.certificatePem), devices: await devicesBehind(store.tables) } : null
      };
    },
    follow: (content, of) => schedule.inTurn(() => use(authorityKeysOf(content), of)),
    start: schedule.start,
    close: schedule.close
  };
}

const endOf = (certificatePem: string): number => Date.parse(new X509Certificate(certificatePem).validTo);
