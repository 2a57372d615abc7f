import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeviceId } from '../../../src-preload/contract/index.ts';
import { toBase64url } from '../../base/bytes.ts';
import { isoTime } from '../../base/clock.ts';
import { generateSigningKey, signingKey } from '../../identity/keys.ts';
import { signStatement } from '../../identity/signed-statement.ts';
import { verifyExport } from './export-verifier.ts';
import { createTestLog, type TestLog } from './testing/log.ts';

const node = DeviceId.parse(randomUUID());
const job = randomUUID();
const key = signingKey(generateSigningKey());
const at = isoTime(Date.now());

let log: TestLog;
beforeEach(async () => {
  log = await createTestLog();
  await log.perform('admin:ada', async ({ record }) => {
    record('device.approved', node, { name: 'Node', signing: toBase64url(key.publicKey) });
  });
});
afterEach(() => log.close());

const receipt = (change: object = {}, by = key) =>
  signStatement('erasure', { job, node, reason: 'completed', at, ...change }, { id: node, key: by });
/** As the coordinator writes it down, or as one that lies would. */
async function write({ payload, signature }: { payload: string; signature: string }, subject = job) {
  await log.perform(`device:${node}`, async ({ record }) => {
    record('job.erased', subject, { node, reason: 'completed', at, payload, signature });
  });
}
const verify = async (filter = {}) => verifyExport(Readable.from([Buffer.from(await log.exported({ filter }))]));

test('an export proves who erased what, without the coordinator', async () => {
  await write(await receipt());
  expect(await verify()).toMatchObject({ intact: true, receipts: 1, receiptsUnknown: 0 });
  // Without the row that names the node's key there is nothing to check it against.
  expect(await verify({ action: 'job.erased' })).toMatchObject({ intact: true, receipts: 0, receiptsUnknown: 1 });
});

test.each([
  ['signed by somebody else', () => receipt({}, signingKey(generateSigningKey())), job],
  ['of another job', () => receipt(), randomUUID()],
  ['that says something else', () => receipt({ reason: 'expired' }), job],
  ['of another node', () => receipt({ node: randomUUID() }), job]
])('a receipt %s is found, although the coordinator signed the log', async (_, made, subject) => {
  await write(await made(), subject);
  expect(await verify()).toMatchObject({
    intact: false,
    firstBroken: 2,
    reason: 'an erasure receipt is not signed by its node'
  });
});
