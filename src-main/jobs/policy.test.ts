import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type PolicyRule, PrinterId, UserGroupId, type UserId } from '../../src-preload/contract/index.ts';
import { ownDecisions } from '../protocol/own-policy.ts';
import { openManifest } from '../sealing/manifest.ts';
import { createTestClient, type TestClient } from './testing/client.ts';

/** The early word of a client; what becomes of one that is deaf to it: src-main/coordinator/policy/policy.test.ts. */
let client: TestClient;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(() => client.remove());

const interns = UserGroupId.parse(randomUUID());
const words = 'Interns print elsewhere';
const rule = (id: string, rest: Partial<PolicyRule>): PolicyRule => ({ id, words, effects: {}, ...rest });
/** The owner of the client is an intern, and these are the rules. */
const obey = (...list: PolicyRule[]) =>
  client.organization.change((directory) => ({
    ...directory,
    rules: { version: 4, list },
    devices: directory.devices.map((device) => (device.owner === null ? device : { ...device, ownerGroups: [interns] }))
  }));

it('who may print nowhere is told so by rule; one printer is enough', async () => {
  obey(rule('closed', { group: interns, effects: { print: 'deny' } }));
  expect(client.jobs.refusal()).toMatchObject({
    code: 'policy-refused',
    detail: `rule closed, version 4: ${words}`
  });
  await expect(client.print(Buffer.from('x'))).rejects.toMatchObject({ code: 'policy-refused' });
  obey(
    rule('closed', { group: interns, effects: { print: 'deny' } }),
    rule('open', { group: interns, printer: client.organization.printer, effects: { print: 'allow' } })
  );
  expect(client.jobs.refusal()).toBeNull();
});

it('a job is sealed as the rules for its owner want it', async () => {
  obey(
    rule('r', {
      group: interns,
      effects: { custody: 'strict', holdHours: 2, deliveryGrade: 'plain-allowed', replicas: 1 }
    })
  );
  const job = await client.print(Buffer.from('x'));
  const signed = client.organization.jobs.get(job)?.registration.manifest;
  if (!signed) throw new Error('not registered');
  const manifest = openManifest(signed, client.organization.client.signing.publicKey);
  expect(manifest).toMatchObject({ custody: 'strict', deliveryGrade: 'plain-allowed' });
  expect(Date.parse(manifest.expires) - Date.parse(manifest.created)).toBe(2 * 3_600_000);
  expect(client.mesh.holders(job)).toHaveLength(1);
});

it('rules for a group do not hold for others who print here', () => {
  obey(rule('r', { group: interns, effects: { holdHours: 2 } }));
  const directory = client.organization.asSeenBy(client.organization.client).directory();
  if (!directory) throw new Error('no directory');
  const hours = (user: UserId) => ownDecisions(directory, client.organization.client.id, user).holdHours.value;
  expect([hours(client.organization.owner), hours(randomUUID() as UserId)]).toEqual([2, 24]);
});

it('black and white everywhere is said early, at one printer it is not', () => {
  obey(rule('grey', { group: interns, effects: { color: 'deny' } }));
  expect(client.jobs.terms()).toMatchObject({ grey: { rule: 'grey', version: 4 } });
  obey(rule('grey', { group: interns, printer: PrinterId.parse(randomUUID()), effects: { color: 'deny' } }));
  expect(client.jobs.terms()).toEqual({});
});
