import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GrantId, InvitationId, JobId, PrinterId, UserId } from '../../../src-preload/contract/index.ts';
import type { CoordinatorStore, CopiedRow, JobRecord, StoreCopy } from '../../coordinator/store.ts';
import { checkPolicyTables } from './policy-suite.ts';
import { checkSiteTables } from './site-suite.ts';
import { bytes, device, grantOf, organization, owned, person, printer, tokenOf } from './store-records.ts';

/**
 * What every database behind the coordinator's store must do, in the same words for each: what is put in comes back out, and
 * however much happens at once, it is as if one thing had happened after the other.
 */
export function describeStore(
  name: string,
  create: () => Promise<{
    open(): Promise<CoordinatorStore>;
    fill(copy: StoreCopy): Promise<void>;
    remove(): Promise<void>;
  }>
): void {
  describe(`store compliance: ${name}`, () => {
    let database: Awaited<ReturnType<typeof create>>;
    let store: CoordinatorStore;
    let job: JobRecord;
    beforeEach(async () => {
      database = await create();
      store = await database.open();
      job = await owned(store);
    });
    afterEach(async () => {
      await store.close();
      await database.remove();
    });

    test('gives back what it was given, also after it was closed', async () => {
      const grant = grantOf(job);
      await store.tables.printers.insert(printer);
      await store.tables.grants.insert(grant);
      await store.tables.jobParts.insert(job.id, bytes);
      await store.tables.tokens.insert(tokenOf(3));
      await store.close();
      store = await database.open();

      expect(await store.tables.jobs.get(job.id)).toEqual(job);
      expect(await store.tables.devices.list()).toEqual([device(job)]);
      expect(await store.tables.printers.list()).toEqual([printer]);
      expect(await store.tables.grants.ofJob(job.id)).toEqual([grant]);
      expect(await store.tables.tokens.list()).toMatchObject([{ roles: ['client', 'node'], revoked: false, uses: 0 }]);
      expect(await store.tables.jobParts.get(job.id)).toEqual(bytes);
      expect(await store.tables.jobs.countOpenOfDevice(job.device)).toBe(1);
    });

    test('changes a job only from the state that was seen', async () => {
      const change = { closed: null, state: 'released', fence: 1, printer: null, code: null, updated: 2 } as const;
      expect(await store.tables.jobs.change(job, change)).toBe(true);
      expect(await store.tables.jobs.change(job, change)).toBe(false);
    });

    test('keeps versions of the policy, and counts pages', async () => {
      const grants = [grantOf(job), { ...grantOf(job), id: randomUUID() as GrantId, fence: 2 }] as const;
      await store.tables.printers.insert(printer);
      for (const grant of grants) await store.tables.grants.insert(grant);
      await store.transaction((tables) => checkPolicyTables(tables, grants));
    });

    test('a failed transaction leaves nothing, and the next one is not held up by it', async () => {
      const failing = store.transaction(async ({ jobParts }) => {
        await jobParts.insert(job.id, bytes);
        throw new Error('no');
      });
      const next = store.transaction(async ({ jobParts }) => jobParts.get(job.id));
      await expect(failing).rejects.toThrow('no');
      expect(await next).toBeUndefined();
    });

    test('what refers to nothing and what is there twice is refused', async () => {
      await expect(store.tables.jobParts.insert(randomUUID() as JobId, bytes)).rejects.toThrow();
      await store.tables.jobParts.insert(job.id, bytes);
      await expect(store.tables.jobParts.insert(job.id, bytes)).rejects.toThrow();
      const ada = { ...person, id: randomUUID() as UserId };
      expect(await store.tables.users.insert(ada)).toBe(false);
    });

    test('invitations, delegates and guests are found by what they are asked for, and go', async () => {
      const { users, invitations, delegates } = store.tables;
      const id = randomUUID() as UserId;
      const guest = { ...person, id, name: 'Guest', nameKey: 'guest', expires: 5, host: job.owner };
      expect(await users.nextExpiry()).toBeUndefined();
      await users.insert(guest);
      expect([await users.nextExpiry(), await users.overdue(4), await users.overdue(5)]).toEqual([5, [], [guest]]);
      expect(await users.guestsOf(job.owner)).toEqual([guest]);

      const invitation = {
        id: randomUUID() as InvitationId,
        user: id,
        email: null,
        secretHash: 'hash',
        created: 1,
        expires: 5,
        mailedTo: null
      };
      await invitations.insert(invitation);
      await expect(invitations.insert({ ...invitation, id: randomUUID() as InvitationId })).rejects.toThrow();
      expect(await invitations.bySecretHash('hash')).toEqual(invitation);
      await invitations.removeOver(4);
      await invitations.setMailedTo(invitation.id, 'a@example.org');
      expect(await invitations.list()).toEqual([{ ...invitation, mailedTo: 'a@example.org' }]);
      await invitations.removeOver(5);
      expect(await invitations.get(invitation.id)).toBeUndefined();

      const { signInLinks, confirmedEmails, mailServer } = store.tables;
      const link = { secretHash: 'secret', browserHash: 'browser', user: id, email: 'a@example.org', expires: 5 };
      await signInLinks.insert(link);
      await signInLinks.removeOver(4);
      expect([await signInLinks.get('secret'), await signInLinks.countOf(id)]).toEqual([link, 1]);
      await signInLinks.removeOf(id);
      expect([await signInLinks.get('secret'), await signInLinks.countOf(id)]).toEqual([undefined, 0]);
      for (const email of ['a@example.org', 'b@example.org']) await confirmedEmails.set(id, email, 1);
      expect(await confirmedEmails.get(id)).toBe('b@example.org');
      await confirmedEmails.remove(id);
      expect(await confirmedEmails.get(id)).toBeUndefined();
      const settings = {
        host: 'mail',
        port: 465,
        tls: 'implicit',
        user: null,
        from: 'a@example.org',
        authority: null
      } as const;
      for (const password of [null, bytes]) await mailServer.set({ settings, password });
      expect(await mailServer.get()).toEqual({ settings, password: bytes });
      await mailServer.remove();
      expect(await mailServer.get()).toBeUndefined();

      const delegate = { owner: job.owner, user: id, until: 5, created: 1 };
      await delegates.put(delegate);
      await delegates.put({ ...delegate, until: 7, created: 2 });
      const moved = { ...delegate, until: 7 };
      expect([await delegates.ofOwner(job.owner), await delegates.ofUser(id)]).toEqual([[moved], [moved]]);
      expect([await delegates.remove(job.owner, id), await delegates.remove(job.owner, id)]).toEqual([true, false]);
      await delegates.put(delegate);
      await delegates.removeOf(id);
      expect(await delegates.get(job.owner, id)).toBeUndefined();

      await users.remove(id, 6);
      expect([await users.nextExpiry(), await users.overdue(9), await users.guestsOf(job.owner)]).toEqual([
        undefined,
        [],
        []
      ]);
    });

    test('sites are kept, and what belongs to them', async () => {
      await store.tables.printers.insert(printer);
      await checkSiteTables(store.tables, { device: device(job), printer });
    });

    test('names are in the order of their bytes', async () => {
      const names = ['b', 'B', 'ä', 'a', 'é', 'Z', 'a b', 'a-b', '_'];
      for (const name of names) await store.tables.printers.insert({ ...printer, name, id: randomUUID() as PrinterId });
      const inOrder = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect((await store.tables.printers.list()).map((one) => one.name)).toEqual(inOrder);
    });

    test('days and actions are counted and found alike', async () => {
      const day = 86_400_000;
      const ended = { closed: null, state: 'completed', fence: 1, printer: null, code: null } as const;
      await store.tables.jobs.change(job, { ...ended, updated: 20_000 * day + day - 1 });
      expect(await store.tables.jobs.endedByDay(0)).toEqual([{ day: 20_000, state: 'completed', count: 1 }]);
      for (const [i, action] of ['user.added', 'user_added', 'USER.added'].entries())
        await store.tables.audit.insert(row(i + 1, action));
      const found = await store.tables.audit.find({ action: 'user.' }, { after: 0, limit: 10 });
      expect(found.map((one) => one.action)).toEqual(['user.added']);
    });

    test('erase orders stay until each holder has confirmed', async () => {
      const { holders } = store.tables;
      expect(await holders.insert(job.id, job.device, 'receipt')).toBe(true);
      expect(await holders.insert(job.id, job.device, 'receipt')).toBe(false);
      expect(await holders.outstanding(job.device)).toEqual([]);
      await holders.order(job.id, 'order');
      expect(await holders.outstanding(job.device, job.id)).toEqual(['order']);
      expect(await holders.erased(job.id, job.device, 3)).toBe(true);
      expect(await holders.erased(job.id, job.device, 3)).toBe(false);
      expect(await holders.outstanding(job.device)).toEqual([]);
      expect(await holders.of(job.id)).toEqual([]);
      expect(await holders.insert(job.id, job.device, 'again')).toBe(true);
    });

    test('a destroyed release key is gone and known to have been', async () => {
      await store.transaction(({ releaseKeys }) =>
        releaseKeys.insert({ epoch: 1, publicKey: 'p', created: 1, destroyed: null, site: 'main' }, bytes)
      );
      expect(await store.tables.releaseKeys.wrappedPrivateKey(1)).toEqual(bytes);
      await store.transaction(({ releaseKeys }) => releaseKeys.destroy(1, 2));
      await store.scrub();
      expect(await store.tables.releaseKeys.wrappedPrivateKey(1)).toBeUndefined();
      expect(await store.tables.releaseKeys.list()).toMatchObject([{ epoch: 1, destroyed: 2 }]);
    });

    test('a copy is one picture of everything, whatever happens meanwhile, and makes another database of it', async () => {
      await store.tables.printers.insert(printer);
      await store.tables.grants.insert(grantOf(job));
      await store.tables.jobParts.insert(job.id, bytes);
      await store.transaction(async ({ audit }) => {
        for (let i = 1; i <= 1100; i += 1) await audit.insert(row(i, `act ${i}`));
      });
      const copied = await store.copy(async ({ schema, rows }) => {
        const seen = await collect(rows, async (_, i) => {
          if (i !== 0) return;
          await store.transaction(({ jobParts }) => jobParts.delete(job.id));
          await store.tables.audit.insert(row(1101, 'later'));
        });
        return { schema, rows: seen };
      });
      expect(copied.rows.filter(({ table }) => table === 'audit')).toHaveLength(1100);
      expect(copied.rows.find(({ table }) => table === 'job_part')).toEqual({
        table: 'job_part',
        row: { job: job.id, wrapped: bytes }
      });

      const other = await create();
      await other.fill({ schema: copied.schema, rows: each(copied.rows) });
      const restored = await other.open();
      expect(await restored.tables.jobs.get(job.id)).toEqual(job);
      expect(await restored.copy(({ rows }) => collect(rows))).toEqual(copied.rows);
      await restored.close();
      await expect(other.fill({ schema: copied.schema, rows: each(copied.rows) })).rejects.toMatchObject({
        code: 'conflict'
      });
      await other.remove();
    });

    test('a copy that breaks off, or is of something else, fills nothing', async () => {
      const copied = await store.copy(async ({ schema, rows }) => ({ schema, rows: await collect(rows) }));
      async function* broken() {
        yield* copied.rows;
        throw new Error('cut off');
      }
      for (const rows of [broken(), each([{ table: 'schema_version', row: { number: 99, applied: 0 } }])]) {
        const other = await create();
        await expect(other.fill({ schema: copied.schema, rows })).rejects.toThrow();
        const empty = await other.open();
        expect(await empty.tables.users.list()).toEqual([]);
        await empty.close();
        await other.remove();
      }
      const other = await create();
      await expect(other.fill({ schema: 999, rows: each([]) })).rejects.toMatchObject({ code: 'storage-damaged' });
      await other.remove();
    });

    describe('at once', () => {
      const many = fc.integer({ min: 2, max: 12 });
      const check = <T>(arbitrary: fc.Arbitrary<T>, run: (value: T) => Promise<void>) =>
        fc.assert(fc.asyncProperty(arbitrary, run), { numRuns: 8 });

      test('one of all that claim a job gets it', () =>
        check(many, async (claims) => {
          const contested = { ...job, id: randomUUID() as JobId };
          await store.tables.jobs.insert(contested);
          const won = await Promise.all(times(claims, () => claim(store, contested.id)));
          expect(won.filter(Boolean)).toHaveLength(1);
          expect(await store.tables.jobs.get(contested.id)).toMatchObject({ fence: 1, state: 'released' });
        }));

      test('jobs come page by page, also those of one moment, each once', async () => {
        const { jobs } = store.tables;
        for (const created of [5, 7, 7, 7, 9]) await jobs.insert({ ...job, id: randomUUID() as JobId, created });
        const all = await jobs.list(10_000);
        const paged: JobRecord[] = [];
        for (let page = await jobs.list(2); page.length > 0; page = await jobs.list(2, page.at(-1)))
          paged.push(...page);
        expect(paged).toEqual(all);
      });

      test('a token is used as often as it may be, and no more', () =>
        check(fc.tuple(many, fc.integer({ min: 1, max: 6 })), async ([tries, allowed]) => {
          const token = tokenOf(allowed);
          await store.tables.tokens.insert(token);
          const uses = await Promise.all(
            times(tries, () => store.transaction(({ tokens }) => tokens.use(token.id, 5)))
          );
          expect(uses.filter(Boolean)).toHaveLength(Math.min(tries, allowed));
        }));

      test('no two directories have one version, and none is left out', async () => {
        await store.tables.organization.insert(organization);
        let version = 0;
        await check(many, async (builds) => {
          const versions = await Promise.all(
            times(builds, () => store.transaction(({ organization }) => organization.nextDirectoryVersion()))
          );
          expect(versions.sort((a, b) => a - b)).toEqual(times(builds, () => (version += 1)));
        });
      });

      test('rows of the audit log follow on each other, those of one act together', async () => {
        await check(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 8 }), async (acts) => {
          await Promise.all(acts.map((rows, act) => append(store, `${act}`, rows)));
        });
        const rows = await store.tables.audit.after(0, 1000);
        rows.forEach((one, i) => {
          expect(one).toMatchObject({ sequence: i + 1, hash: chained(rows[i - 1]?.hash, i + 1) });
        });
        expect(rows.length).toBeGreaterThan(16);
      });
    });
  });
}

const claim = (store: CoordinatorStore, id: JobId): Promise<boolean> =>
  store.transaction(async ({ jobs }) => {
    const seen = await jobs.get(id);
    if (seen?.state !== 'held') return false;
    const change = { closed: null, state: 'released', printer: null, code: null, updated: 2 } as const;
    return jobs.change(seen, { ...change, fence: seen.fence + 1 });
  });

const append = (store: CoordinatorStore, actor: string, rows: number): Promise<void> =>
  store.transaction(async ({ audit }) => {
    for (let added = 0; added < rows; added += 1) {
      const last = await audit.last();
      const sequence = (last?.sequence ?? 0) + 1;
      await audit.insert({ ...row(sequence, 'did'), actor, hash: chained(last?.hash, sequence) });
    }
  });

const row = (sequence: number, action: string) => ({
  sequence,
  time: 1,
  actor: 'admin:test',
  action,
  subject: 's',
  detail: '{}',
  hash: ''
});

const chained = (before: string | undefined, sequence: number): string =>
  createHash('sha256').update(`${before} ${sequence}`).digest('hex');

const times = <T>(count: number, run: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => run(i));

async function collect(
  rows: AsyncIterable<CopiedRow>,
  onRow: (row: CopiedRow, i: number) => Promise<void> = async () => {}
): Promise<CopiedRow[]> {
  const all: CopiedRow[] = [];
  for await (const row of rows) {
    await onRow(row, all.length);
    all.push(row);
  }
  return all;
}

async function* each(rows: readonly CopiedRow[]) {
  yield* rows;
}
