import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PolicyRule, PrinterId, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';
import { openStatement } from '../../identity/signed-statement.ts';
import { Grant, GrantBundle, Session } from '../../protocol/device-api.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from '../testing/rig.ts';

const none = z.object({});
let rig: Rig;
let client: TestDevice;
let station: TestDevice;
let node: TestDevice;
let hall: PrinterId;
let safe: PrinterId;
let ada: UserId;
let interns: UserGroupId;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  ada = (await handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor)).id;
  interns = (await handlers['admin.group.add']({ name: 'Interns' }, actor)).id;
  hall = await addPrinter('Hall');
  safe = await addPrinter('Safe');
  client = await rig.pair('laptop', ['client'], 'ada');
  station = await rig.pair('kiosk', ['station']);
  node = await rig.pair('node', ['node']);
  await until(client.organization, () => client.organization.device(node.id) !== undefined);
}, 120_000);
afterAll(() => rig.close());
afterEach(async () => {
  const { handlers } = rig.coordinator;
  for (const { id } of (await handlers['admin.policy.show']({}, actor)).rules)
    await handlers['admin.policy.rule.remove']({ id }, actor);
  await handlers['admin.group.set-members']({ id: interns, members: [] }, actor);
});

async function addPrinter(name: string): Promise<PrinterId> {
  const { handlers } = rig.coordinator;
  const uri = `ipps://${name.toLowerCase()}.example/ipp/print`;
  const { id } = await handlers['admin.printer.add']({ name, uri, location: '' }, actor);
  await handlers['admin.printer.approve']({ id, certificateSha256: printerCertificate, grade: 'ipps-required' }, actor);
  return id;
}

const rule = (id: string, rest: Partial<PolicyRule>): PolicyRule => ({
  id,
  words: `words of ${id}`,
  effects: {},
  ...rest
});
const set = (one: PolicyRule, more: { reason?: string; seen?: number } = {}) =>
  rig.coordinator.handlers['admin.policy.rule.set']({ rule: one, ...more }, actor);
const join = () => rig.coordinator.handlers['admin.group.set-members']({ id: interns, members: [ada] }, actor);
const refusedBy = (id: string) =>
  expect.objectContaining({
    code: 'policy-refused',
    detail: expect.stringMatching(`^rule ${id}, version \\d+: words of ${id}$`)
  });

async function register(change: Parameters<typeof sealJob>[0]['change'] = {}) {
  const job = await sealJob({ client, nodes: [node], now: rig.clock.now(), change });
  await client.organization.call('/v1/jobs', job.request, none);
  return job;
}
async function claim(job: JobId, printer = hall): Promise<Grant> {
  const { session } = await station.organization.call('/v1/sessions', { user: 'Ada', pin: '4711' }, Session);
  const bundle = await station.organization.call('/v1/grants', { session, job, printer, node: node.id }, GrantBundle);
  const publicKey = Buffer.from(client.identity.enrollment.coordinator.signing, 'base64url');
  return openStatement({
    ...{ kind: 'grant', signed: bundle.grant, publicKey, schema: Grant },
    ...{ maxBytes: 4096, code: 'grant-invalid' }
  });
}
const start = ({ id }: Grant) => node.organization.call(`/v1/grants/${id}/start`, {}, none);
const report = ({ id }: Grant, outcome: object) => node.organization.call(`/v1/grants/${id}/outcome`, outcome, none);
const why = (job: JobId) => rig.coordinator.handlers['admin.policy.why']({ job }, actor);

describe('a watermark', () => {
  test('is in the grant as it is to be stamped, with the names put in', async () => {
    await set(
      rule('mark', { effects: { watermark: { text: '{user} at {printer}, {time}, {job}', place: 'footer' } } })
    );
    const { terms, job, issued } = await claim((await register()).id);
    const time = `${issued.slice(0, 10)} ${issued.slice(11, 16)} UTC`;
    expect(terms?.watermark).toEqual({
      ...{ rule: 'mark', words: 'words of mark', version: expect.any(Number), place: 'footer' },
      text: `Ada at Hall, ${time}, ${job.slice(0, 8)}`
    });
  });
});

describe('who prints where', () => {
  test('a client that ignores its policy is refused when it registers', async () => {
    await join();
    await set(rule('closed', { group: interns, effects: { print: 'deny' } }));
    const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
    await expect(client.organization.call('/v1/jobs', job.request, none)).rejects.toEqual(refusedBy('closed'));
    const [refusal] = await why(job.id);
    expect(refusal).toMatchObject({ rule: 'closed', words: 'words of closed', step: 'submit', effect: 'print' });
    // A job of somebody else than interns goes through.
    await rig.coordinator.handlers['admin.group.set-members']({ id: interns, members: [] }, actor);
    await register();
  });

  test('is asked again at the release, for that printer', async () => {
    await join();
    await set(rule('closed', { group: interns, effects: { print: 'deny' } }));
    await set(rule('but-the-safe', { group: interns, printer: safe, effects: { print: 'allow' } }));
    const { id } = await register();
    await expect(claim(id, hall)).rejects.toEqual(refusedBy('closed'));
    expect((await why(id))[0]).toMatchObject({ rule: 'closed', step: 'grant' });
    expect(await claim(id, safe)).toMatchObject({ printer: safe });
  });

  test('and before the first byte, since the grant may be older than the rule', async () => {
    const { id } = await register();
    const grant = await claim(id);
    await set(rule('too-late', { user: ada, effects: { print: 'deny' } }));
    await expect(start(grant)).rejects.toEqual(refusedBy('too-late'));
    expect((await why(id))[0]).toMatchObject({ rule: 'too-late', step: 'start', grant: grant.id });
  });

  test('a machine that ignores it cannot fill the log', async () => {
    await set(rule('closed', { user: ada, effects: { print: 'deny' } }));
    const rows = async () =>
      (await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000, action: 'policy.refused' }, actor))
        .length;
    const before = await rows();
    for (let i = 0; i < 40; i += 1) await expect(register()).rejects.toEqual(refusedBy('closed'));
    expect((await rows()) - before).toBeLessThanOrEqual(60);
    expect((await rows()) - before).toBeGreaterThanOrEqual(25);
  });
});

describe('before a printer is chosen', () => {
  test('custody and hold time are those of the rule', async () => {
    await set(rule('strictly', { user: ada, effects: { custody: 'strict', holdHours: 1 } }));
    await expect(register({ expires: rig.clock.now() + 3_600_000 })).rejects.toEqual(refusedBy('strictly'));
    await expect(register({ custody: 'strict' })).rejects.toEqual(refusedBy('strictly'));
    await register({ custody: 'strict', expires: rig.clock.now() + 3_600_000 });
  });
});

describe('how it is printed', () => {
  test('stands in the grant, for the node to check', async () => {
    await join();
    await set(rule('grey', { group: interns, effects: { color: 'deny', duplex: 'required', pagesPerMonth: 10 } }));
    const { id } = await register();
    const { terms } = await claim(id);
    const reason = { rule: 'grey', words: 'words of grey' };
    expect(terms).toMatchObject({ grey: reason, twoSided: reason, pages: { ...reason, left: 10 } });
  });

  test('what the node refused is told with the rule', async () => {
    const { version } = await set(rule('grey', { user: ada, effects: { color: 'deny' } }));
    const { id } = await register();
    const grant = await claim(id);
    await report(grant, {
      result: 'failed',
      code: 'policy-refused',
      refused: { rule: 'grey', version, effect: 'color' }
    });
    expect((await why(id))[0]).toMatchObject({
      rule: 'grey',
      words: 'words of grey',
      step: 'delivery',
      effect: 'color'
    });
  });
});

describe('pages', () => {
  test('are counted when they are printed, and end at the quota', async () => {
    await set(rule('quota', { user: ada, effects: { pagesPerMonth: 8, pageCost: { grey: 2, color: 10 } } }));
    const first = await claim((await register()).id);
    await start(first);
    const printed = { pages: 5, from: 'printer', color: true };
    await report(first, { result: 'completed', printed });
    await report(first, { result: 'completed', printed: { ...printed, pages: 9 } }); // said twice it is said once
    const second = await claim((await register()).id);
    expect(second.terms?.pages).toMatchObject({ left: 3 });
    await start(second);
    await report(second, { result: 'completed', printed: { pages: 4, from: 'document', color: false } });
    const third = await register();
    await expect(claim(third.id)).rejects.toEqual(refusedBy('quota'));

    const { users } = await rig.coordinator.handlers['admin.policy.usage']({}, actor);
    expect(users).toEqual([{ user: ada, name: 'Ada', pages: 9, colorPages: 5, cost: 58, uncounted: 0 }]);
    const { users: before } = await rig.coordinator.handlers['admin.policy.usage']({ month: '2020-01' }, actor);
    expect(before).toEqual([]);
  });
});

describe('a version', () => {
  test('is made by each change, says what it changed, and is pushed', async () => {
    const { handlers } = rig.coordinator;
    const { version } = await set(rule('grey', { group: interns, effects: { color: 'deny' } }), { reason: 'toner' });
    await join();
    const known = () => client.organization.directory();
    await until(
      client.organization,
      () => known()?.devices.some(({ ownerGroups }) => ownerGroups?.includes(interns)) ?? false
    );
    expect(known()?.rules).toMatchObject({ version, list: [{ id: 'grey' }] });
    const before = known()?.version ?? 0;

    await handlers['admin.policy.set']({ holdHours: 12 }, actor);
    await until(client.organization, () => known()?.policy.holdHours === 12);
    expect(known()?.rules?.version).toBe(version + 1);
    expect(known()?.version).toBeGreaterThan(before);
    const [newest, earlier] = await handlers['admin.policy.history']({ limit: 2 }, actor);
    expect(newest).toMatchObject({
      version: version + 1,
      changes: [{ what: 'settings holdHours', before: '24', after: '12' }]
    });
    expect(earlier).toMatchObject({
      version,
      author: actor,
      reason: 'toner',
      changes: [{ what: 'rule grey', before: null }]
    });
    await handlers['admin.policy.set']({ holdHours: 24 }, actor);
  });

  test('is not made by what changes nothing', async () => {
    const { handlers } = rig.coordinator;
    const { version } = await handlers['admin.policy.show']({}, actor);
    await handlers['admin.policy.set']({ holdHours: 24, reason: 'again' }, actor);
    expect((await handlers['admin.policy.show']({}, actor)).version).toBe(version);
  });

  test('of another administrator meanwhile is a conflict; what a rule names must be there', async () => {
    const { version } = await set(rule('one', { effects: { color: 'deny' } }));
    await expect(set(rule('two', { effects: { color: 'deny' } }), { seen: version - 1 })).rejects.toMatchObject({
      code: 'conflict'
    });
    for (const who of [{ user: randomUUID() as UserId }, { group: randomUUID() as UserGroupId }, { site: 'moon' }])
      await expect(set(rule('two', { ...who, effects: { color: 'deny' } }))).rejects.toMatchObject({
        code: 'not-found'
      });
  });
});

test('it explains itself, and what a change would have refused', async () => {
  const { handlers } = rig.coordinator;
  await register().then(({ id }) => claim(id, hall));
  await set(rule('grey', { user: ada, effects: { color: 'deny' } }));
  const asked = await handlers['admin.policy.explain']({ user: 'ada', printer: hall, color: true }, actor);
  expect(asked).toMatchObject({ allowed: false, refusals: [{ effect: 'color', rule: 'grey' }] });
  expect(asked.decisions).toContainEqual(
    expect.objectContaining({ effect: 'print', value: '"allow"', rule: 'settings' })
  );
  expect(await handlers['admin.policy.explain']({ user: 'Ada', color: false }, actor)).toMatchObject({ allowed: true });
  await expect(handlers['admin.policy.explain']({ user: 'Nobody' }, actor)).rejects.toMatchObject({
    code: 'not-found'
  });

  const { version } = await handlers['admin.policy.show']({}, actor);
  const wish = { settings: {}, set: [rule('shut', { printer: hall, effects: { print: 'deny' } })], remove: ['grey'] };
  const seen = await handlers['admin.policy.preview'](wish, actor);
  expect(seen.refused).toMatchObject([{ user: 'Ada', printer: 'Hall', rule: 'shut' }]);
  expect(seen.releases).toBeGreaterThan(seen.refused[0]?.releases ?? 0);
  expect(seen.changes.map(({ what }) => what)).toEqual(['rule grey', 'rule shut']);
  expect((await handlers['admin.policy.show']({}, actor)).version).toBe(version);
});
