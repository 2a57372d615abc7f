import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditFilter } from '../../../../src-preload/contract/index.ts';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import { openCoordinatorStore } from '../../../storage/coordinator-store.ts';
import { createPerform, type Perform } from '../../act.ts';
import { type Changes, createChanges } from '../../changes.ts';
import { type CoordinatorIdentity, openIdentity } from '../../identity.ts';
import { openKeyFiles } from '../../key-files.ts';
import type { CoordinatorStore } from '../../store.ts';
import { createAuditExport } from '../export.ts';
import { type AuditJournal, openAuditJournal } from '../journal.ts';

/** A real audit log in a real database, with a coordinator's real keys and certificates and no coordinator around it. */
export interface TestLog {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly journal: AuditJournal;
  readonly changes: Changes;
  readonly perform: Perform;
  readonly rootKey: Uint8Array;
  /** Adds rows `user.added` of alternating actors, one act each. */
  add(count: number): Promise<void>;
  /** All pages as one file. */
  exported(options?: {
    filter?: AuditFilter;
    after?: number;
    pageRows?: number;
    format?: 'jsonl' | 'csv';
  }): Promise<string>;
  close(): Promise<void>;
}

export async function createTestLog(): Promise<TestLog> {
  const dataDir = await mkdtemp(join(tmpdir(), 'letterlock-audit-'));
  const now = systemClock.now();
  const keys = await openKeyFiles({ dataDir, organizationName: 'Test', create: true, now });
  const identity = await openIdentity({ dataDir, keys, host: '127.0.0.1', now });
  const store = await openCoordinatorStore(join(dataDir, 'coordinator.db'));
  const journal = await openAuditJournal({
    dataDir,
    organization: identity.organization,
    signer: { id: identity.id, key: identity.signing },
    store,
    clock: systemClock,
    logger: silentLogger
  });
  const changes = createChanges();
  const perform = createPerform(store, journal, changes, silentLogger);
  let added = 0;

  return {
    store,
    identity,
    journal,
    changes,
    perform,
    rootKey: keys.custody,
    async add(count) {
      for (let i = 0; i < count; i += 1) {
        added += 1;
        const number = added;
        await perform(number % 3 === 0 ? 'admin:eve' : 'admin:ada', async ({ record }) =>
          record('user.added', `user ${number}`, { name: `Ünï "${number}"`, pin: number % 2 === 0 })
        );
      }
    },
    async exported({ filter = {}, after = 0, pageRows, format = 'jsonl' } = {}) {
      const { page } = createAuditExport({ store, identity, clock: systemClock, ...(pageRows ? { pageRows } : {}) });
      let text = '';
      for (let next: number | null = after, first = true; next !== null; first = false) {
        const one: { text: string; next: number | null } = await page({ format, filter, after: next, first });
        text += one.text;
        next = one.next;
      }
      return text;
    },
    async close() {
      await journal.close();
      await store.close();
      await rm(dataDir, { recursive: true });
    }
  };
}
