import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTwo, type Two } from '../../src-main/coordinator/cluster/testing/two.ts';
import { actor, type TestDevice } from '../../src-main/coordinator/testing/rig.ts';
import { deviceAgent } from '../../src-main/identity/device-agent.ts';
import { request } from '../../src-main/identity/device-http.ts';
import { Session } from '../../src-main/protocol/device-api.ts';
import { openPostgresStore } from '../../src-main/storage/postgres-store.ts';
import { needs } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const pin = '271828';
/** Of one name at one machine, before a lock. */
const allowed = 5;

/** Two coordinators over one real database: whoever guesses at both of them at once gets no more tries than at one. */
describe.runIf(needs('setpriv', 'root'))('wrong tries at two coordinators', () => {
  let server: PostgresServer;
  let database: string;
  let two: Two;
  let stations: readonly TestDevice[];

  beforeAll(async () => {
    server = await startPostgres();
    database = await server.create();
    two = await startTwo(() => openPostgresStore(server.url(database), { password: server.password }));
    for (const name of ['Ada', 'Bob', 'Grace']) await two.first.handlers['admin.user.add']({ name, pin }, actor);
    stations = [await two.pair(two.first, 'kiosk', ['station']), await two.pair(two.first, 'old kiosk', ['station'])];
  }, 120_000);
  afterAll(async () => {
    await two?.close();
    await server?.close();
  });

  /** What the coordinator says to one of the stations: `in`, or a code. */
  async function signIn(which: 'first' | 'second', user: string, guess: string, station = 0): Promise<string> {
    const { identity } = stations[station] as TestDevice;
    const agent = deviceAgent({ identity, expect: identity.enrollment.coordinator.id });
    const body = { user, pin: guess };
    const call = { agent, url: two[which].deviceUrl, path: '/v1/sessions', body, schema: Session } as const;
    return request({ ...call, unreachable: 'coordinator-unreachable' })
      .then(
        () => 'in',
        (error: { code: string }) => error.code
      )
      .finally(() => agent.destroy());
  }
  const atBoth = (count: number, run: (which: 'first' | 'second') => Promise<string>) =>
    Promise.all(Array.from({ length: count }, (_, i) => run(i % 2 === 0 ? 'first' : 'second')));
  const counted = (answers: readonly string[], answer: string) => answers.filter((one) => one === answer).length;

  test('guesses at both at once get as many answers as at one, and the right one comes too late', async () => {
    const answers = await atBoth(24, (which) => signIn(which, 'Ada', '161803'));
    expect(counted(answers, 'pin-wrong')).toBe(allowed);
    expect(counted(answers, 'pin-locked')).toBe(24 - allowed);
    for (const which of ['first', 'second'] as const) expect(await signIn(which, 'Ada', pin)).toBe('pin-locked');
  });

  test('honest sign-ins at both at once are all let in, and a right one ends the count of both', async () => {
    expect(await atBoth(12, (which) => signIn(which, 'Bob', pin, 1))).toEqual(Array(12).fill('in'));
    for (let round = 0; round < 2; round += 1) {
      expect(await signIn('first', 'Bob', '161803', 1)).toBe('pin-wrong');
      expect(await signIn('first', 'Bob', '161803', 1)).toBe('pin-wrong');
      expect(await signIn('second', 'Bob', '161803', 1)).toBe('pin-wrong');
      expect(await signIn('second', 'Bob', '161803', 1)).toBe('pin-wrong');
      expect(await signIn('second', 'Bob', pin, 1)).toBe('in');
    }
  });

  test('a lock outlives both of them, and the database does not say whose it is', async () => {
    for (let i = 0; i < allowed; i += 1) expect(await signIn('second', 'Grace', '161803', 1)).toBe('pin-wrong');
    await Promise.all([two.stop('first'), two.stop('second')]);
    const client = await server.connect(database);
    const { rows } = await client.query('select * from wrong_try');
    await client.end();
    expect(rows.length).toBeGreaterThan(0);
    for (const { key_hash } of rows) expect(key_hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await two.start('first');
    expect(await signIn('first', 'Grace', pin, 1)).toBe('pin-locked');
  }, 60_000);
});
