import { join } from 'node:path';
import type { z } from 'zod';
import type { AuditReport, DeviceId, OrganizationId } from '../../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../../base/atomic-file.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SigningKey } from '../../identity/keys.ts';
import { Signed, signStatement } from '../../identity/signed-statement.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import { type AuditDetail, canonicalDetail, genesis, rowHash } from './chain.ts';
import { parsedOrNothing, rowOf } from './records.ts';
import { type AuditAuthority, createAuditVerifier, openCheckpoint } from './verifier.ts';

/**
 * The audit log as it is kept. Rows are written in the transaction of the act that they tell of, and signed in it too: a row
 * without a signature over it does not exist. The newest checkpoint is also kept in a file of its own, so that a database
 * that was cut off or put back is found out.
 */
export interface AuditJournal {
  /** Inside a transaction. Returns what to call when it is committed. */
  append(tables: Tables, actor: string, entries: readonly AuditEntry[]): Promise<() => void>;
  /** Sees what other coordinators have written since. Never fails: it goes on with what it knows. */
  catchUp(): Promise<void>;
  /** The newest checkpoint: what others are given to keep. */
  head(): Signed | undefined;
  verify(): Promise<z.infer<typeof AuditReport>>;
  close(): Promise<void>;
}
export interface AuditEntry {
  readonly action: string;
  readonly subject: string;
  readonly detail: AuditDetail;
}

/** Checkpoints at its multiples stay for good; of the others only the newest. */
const keptEvery = 64;
const pageSize = 1000;

export async function openAuditJournal(options: {
  readonly dataDir: string;
  readonly organization: OrganizationId;
  readonly signer: { readonly id: DeviceId; readonly key: SigningKey };
  readonly store: CoordinatorStore;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<AuditJournal> {
  const { organization, signer, store, clock, logger } = options;
  const anchorFile = join(options.dataDir, 'audit-head.json');
  const authority = { organization, coordinator: { id: signer.id, signing: signer.key.publicKey } };
  let anchor = await newestAnchor(store.tables, authority, await readAnchor(anchorFile, logger));
  let saved = anchor;
  let saving: Promise<void> | undefined;

  /** One write at a time; whatever came meanwhile goes with the next. */
  async function saveAnchor(): Promise<void> {
    while (anchor !== saved) {
      const next = anchor;
      try {
        await writeJsonAtomic(anchorFile, next?.signed);
      } catch (error) {
        logger.warn({ error }, 'the newest audit checkpoint could not be kept beside the database');
      }
      saved = next;
    }
    saving = undefined;
  }

  return {
    async append(tables, actor, entries) {
      const last = await tables.audit.last();
      const before = await tables.audit.lastCheckpoint();
      // Another coordinator over the same database may have written since.
      const known =
        anchor && anchor.hash !== last?.hash ? await newestAnchor(tables, authority, anchor.signed) : anchor;
      const continues = known?.sequence === last?.sequence && known?.hash === last?.hash;
      const time = clock.now();
      let sequence = last?.sequence ?? 0;
      let hash = last?.hash ?? genesis(organization);
      for (const { action, subject, detail } of entries) {
        sequence += 1;
        hash = rowHash(hash, { sequence, time: isoTime(time), actor, action, subject, detail: { ...detail } });
        await tables.audit.insert({ sequence, time, actor, action, subject, detail: canonicalDetail(detail), hash });
      }
      // Rows that somebody else changed, and what follows on them, are never vouched for: the old word stays.
      if (!continues) return () => logger.error({ sequence }, 'the audit log was changed from outside');
      const checkpoint = { organization, sequence, hash, at: isoTime(time) };
      const signed = await signStatement('audit-checkpoint', checkpoint, signer);
      await tables.audit.insertCheckpoint(sequence, JSON.stringify(signed));
      if (before && before.sequence % keptEvery !== 0) await tables.audit.deleteCheckpoint(before.sequence);
      return () => {
        if (anchor && anchor.sequence > sequence) return;
        anchor = { sequence, hash, signed };
        saving ??= saveAnchor();
      };
    },

    async catchUp() {
      try {
        const newest = await store.transaction((tables) => newestAnchor(tables, authority, anchor?.signed));
        if (newest && newest.sequence > (anchor?.sequence ?? 0)) anchor = newest;
      } catch (error) {
        logger.warn({ error }, 'the newest audit checkpoint could not be read');
      }
      saving ??= saveAnchor();
    },

    head: () => anchor?.signed,

    async verify() {
      const verifier = createAuditVerifier(authority, anchor ? [anchor.signed] : []);
      // Acts go on meanwhile: what counts is the log as it stands now.
      const end = await store.transaction(async ({ audit }) => ({
        last: (await audit.last())?.sequence ?? 0,
        checkpoint: await audit.lastCheckpoint()
      }));
      const newest = end.checkpoint?.sequence ?? 0;
      const lasting = await store.tables.audit.checkpoints();
      const checkpoints = lasting.filter(({ sequence }) => sequence % keptEvery === 0 && sequence < newest);
      if (end.checkpoint) checkpoints.push(end.checkpoint);
      checkpoints.reverse();
      const check = (upTo: number) => {
        while (checkpoints.length > 0 && (checkpoints.at(-1)?.sequence ?? 0) <= upTo)
          verifier.checkpoint(parsedOrNothing(checkpoints.pop()?.signed ?? ''));
      };

      for (let after = 0; after < end.last; ) {
        const page = await store.tables.audit.after(after, pageSize);
        if (page.length === 0) break;
        for (const record of page.filter(({ sequence }) => sequence <= end.last)) {
          verifier.row(rowOf(record));
          check(record.sequence);
        }
        after = page.at(-1)?.sequence ?? end.last;
      }
      check(newest);
      return verifier.report();
    },

    async close() {
      await saving;
    }
  };
}

interface Anchor {
  readonly sequence: number;
  readonly hash: string;
  readonly signed: Signed;
}

/** A damaged one is set aside and said so; the next act makes a new one. */
async function readAnchor(file: string, logger: Logger): Promise<Signed | undefined> {
  try {
    return (await readJson(file, Signed)) ?? undefined;
  } catch (error) {
    logger.error({ error }, 'the audit checkpoint kept beside the database is damaged');
    return undefined;
  }
}

/**
 * What was kept may be behind: by what was written last before a crash, or by another coordinator. The database's newest
 * checkpoint takes its place if it signs the last row and the row that was kept is still the same.
 */
async function newestAnchor(
  { audit }: Pick<Tables, 'audit'>,
  authority: AuditAuthority,
  kept: Signed | undefined
): Promise<Anchor | undefined> {
  const before = kept && openCheckpoint(kept, authority);
  const newest = openCheckpoint(parsedOrNothing((await audit.lastCheckpoint())?.signed ?? ''), authority);
  const last = await audit.last();
  const [same] = before ? await audit.after(before.sequence - 1, 1) : [];
  const goesOn = newest?.sequence === last?.sequence && newest?.hash === last?.hash && same?.hash === before?.hash;
  return goesOn && newest ? newest : before;
}
