import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AuditForwardTarget } from '../../../../src-preload/contract/index.ts';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import { createTestLog, type TestLog } from '../testing/log.ts';
import { type Hook, type Receiver, startSyslogReceiver, startWebhookReceiver } from '../testing/receivers.ts';
import { type AuditForwarding, openAuditForwarding } from './forwarding.ts';
import { isPublicAddress } from './receiver-socket.ts';
import { rowMessage } from './syslog.ts';
import { webhookSignature } from './webhook.ts';

const actor = 'admin:test';
let log: TestLog;
let forwarding: AuditForwarding;
const open = async () => {
  const opened = await openAuditForwarding({
    store: log.store,
    organization: log.identity.organization,
    rootKey: log.rootKey,
    changes: log.changes,
    perform: log.perform,
    clock: systemClock,
    logger: silentLogger
  });
  opened.start();
  return opened;
};
beforeAll(async () => {
  log = await createTestLog();
  await log.add(5);
  forwarding = await open();
}, 60_000);
afterEach(async () => {
  for (const { id } of await forwarding.list()) await forwarding.remove(id, actor);
});
afterAll(async () => {
  await forwarding.close();
  await log.close();
});

const ca = () => log.identity.tls.authorityPem;
const syslogAt = ({ port }: { port: number }, change: object = {}): AuditForwardTarget => ({
  kind: 'syslog',
  host: '127.0.0.1',
  port,
  ca: ca(),
  ...change
});
const webhookAt = ({ port }: { port: number }, change: object = {}): AuditForwardTarget => ({
  kind: 'webhook',
  url: `https://127.0.0.1:${port}/audit?of=us`,
  allowPrivate: true,
  ca: ca(),
  ...change
});
const head = async () => (await log.store.tables.audit.last())?.sequence ?? 0;
const rowOfMessage = (message: string) => JSON.parse(message.slice(message.indexOf('\uFEFF') + 1));
const sequences = (messages: readonly string[]): number[] => messages.map((message) => rowOfMessage(message).sequence);
const hooked = (hooks: readonly Hook[]) =>
  hooks.flatMap(({ body }) => body.trimEnd().split('\n')).map((line) => JSON.parse(line).sequence as number);
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
/** The next time that a receiver is seen to be failing, or no longer. */
async function state(receiver: Receiver<unknown>, visits: number) {
  await receiver.visited(visits);
  return forwarding.list();
}

describe('syslog over TLS', () => {
  test('sends every row once, in order, whole, and goes on as they are written', async () => {
    const receiver = await startSyslogReceiver(log.identity.tls);
    await forwarding.add({ name: 'siem', target: syslogAt(receiver), after: 0 }, actor);
    await receiver.has(await head());
    await log.add(3);
    await receiver.has(await head());
    expect(sequences(receiver.items)).toEqual(upTo(await head()));

    const { organization } = log.identity;
    const [first = ''] = receiver.items;
    expect(first).toMatch(
      /^<109>1 \d{4}-\d\d-\d\dT[\d:.]{12}Z [!-~]+ letterlock - user\.added \[letterlock@32473 [^\]]*\] \uFEFF\{/
    );
    expect(first).toContain(`organization="${organization}" sequence="1" hash="${rowOfMessage(first).hash}"`);
    await forwarding.close();
    forwarding = await open();
    await log.add(1);
    await receiver.has(await head());
    // What was on its way when it stopped may come twice.
    expect([...new Set(sequences(receiver.items))]).toEqual(upTo(await head()));
    await receiver.close();
  });

  test('what a receiver did not take is sent again', async () => {
    const receiver = await startSyslogReceiver(log.identity.tls, { crashes: 1 });
    await forwarding.add({ name: 'crashing', target: syslogAt(receiver), after: 0 }, actor);
    await receiver.has(await head());
    expect(receiver.visits()).toBe(2);
    expect(sequences(receiver.items)).toEqual(upTo(await head()));
    await receiver.close();
  });

  test('sends nothing to whoever shows another certificate', async () => {
    const receiver = await startSyslogReceiver(log.identity.tls);
    const pin = { ca: undefined, certificateSha256: 'ab'.repeat(32) };
    const { id } = await forwarding.add({ name: 'pinned', target: syslogAt(receiver, pin) }, actor);
    await expect(forwarding.test(id)).rejects.toMatchObject({
      code: 'receiver-unreachable',
      detail: 'another certificate than the pinned one'
    });
    const unknown = await forwarding.add({ name: 'unknown', target: syslogAt(receiver, { ca: undefined }) }, actor);
    await expect(forwarding.test(unknown.id)).rejects.toMatchObject({ code: 'receiver-unreachable' });
    expect(receiver.items).toEqual([]);

    const right = { ca: undefined, certificateSha256: log.identity.certificateSha256 };
    const good = await forwarding.add({ name: 'right', target: syslogAt(receiver, right) }, actor);
    await forwarding.test(good.id);
    expect(receiver.items.filter((message) => message.includes(' test [letterlock'))).toHaveLength(1);
    await receiver.close();
  });

  test('no name breaks out of its field', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (by, subject) => {
        const row = { sequence: 1, time: 't', actor: by, action: 'a b\n', subject, detail: {}, hash: 'h' };
        const message = rowMessage(row, { organization: 'o', hostname: 'h h' });
        const escaped = '(?:[^"\\\\\\]]|\\\\["\\\\\\]])*';
        const pattern = `^<109>1 t hh letterlock - ab \\[letterlock@32473 organization="o" sequence="1" hash="h" actor="(${escaped})" subject="(${escaped})"\\] \uFEFF`;
        const found = new RegExp(pattern, 'u').exec(message);
        expect(found?.slice(1).map((text) => text.replaceAll(/\\(["\\\]])/g, '$1'))).toEqual([by, subject]);
      })
    );
  });
});

describe('webhooks', () => {
  test('are signed with a secret that is shown once and lies in the database encrypted', async () => {
    const receiver = await startWebhookReceiver(log.identity.tls);
    const { id, secret } = await forwarding.add({ name: 'hook', target: webhookAt(receiver), after: 0 }, actor);
    await receiver.has(1);
    const [hook] = receiver.items;
    const signature = String(hook?.headers['letterlock-signature']);
    const t = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature)?.[1]);
    expect(Math.abs(t - Date.now() / 1000)).toBeLessThan(60);
    expect(signature).toBe(webhookSignature(secret ?? '', hook?.body ?? '', t));
    expect(hook?.path).toBe('/audit?of=us');
    expect(secret).toHaveLength(43);
    const record = await log.store.tables.auditForwards.get(id);
    expect(Buffer.from(record?.secret ?? '').includes(secret ?? '')).toBe(false);
    expect(JSON.stringify(await forwarding.list())).not.toContain(secret);
    expect(JSON.stringify(await log.store.tables.audit.after(0, 1000))).not.toContain(secret);
    await receiver.close();
  });

  test('are sent again until they are taken; a redirect is not followed', async () => {
    const receiver = await startWebhookReceiver(log.identity.tls, { statuses: [307] });
    await forwarding.add({ name: 'moved', target: webhookAt(receiver), after: 0 }, actor);
    await state(receiver, 1);
    await receiver.has(1);
    expect(receiver.visits()).toBe(2);
    expect(receiver.items.map(({ path }) => path)).toEqual(['/audit?of=us']);
    expect(hooked(receiver.items)).toEqual(upTo(await head()));
    await receiver.close();
  });

  test('say why they fail, and lose nothing meanwhile', async () => {
    const receiver = await startWebhookReceiver(log.identity.tls, { statuses: [500, 503] });
    await forwarding.add({ name: 'busy', target: webhookAt(receiver), after: 0 }, actor);
    expect(await state(receiver, 2)).toMatchObject([{ failing: { reason: 'HTTP 500' }, sequence: 0 }]);
    await log.add(2);
    await receiver.has(1);
    await log.add(1);
    await receiver.has(2);
    expect(hooked(receiver.items)).toEqual(upTo(await head()));
    await receiver.close();
  }, 30_000);

  test('go to private addresses only where that is allowed, by number and by name', async () => {
    const receiver = await startWebhookReceiver(log.identity.tls);
    const closed = { allowPrivate: false };
    for (const url of ['https://127.0.0.1/', 'https://[::1]/', 'https://10.1.2.3/', 'https://[::ffff:10.0.0.1]/'])
      await expect(
        forwarding.add({ name: 'inside', target: webhookAt(receiver, { ...closed, url }) }, actor)
      ).rejects.toMatchObject({ code: 'input-invalid' });
    const url = `https://localhost:${receiver.port}/`;
    const { id } = await forwarding.add({ name: 'by name', target: webhookAt(receiver, { ...closed, url }) }, actor);
    await expect(forwarding.test(id)).rejects.toMatchObject({
      code: 'receiver-unreachable',
      detail: 'a private address, which is not allowed for it'
    });
    expect(receiver.visits()).toBe(0);
    const user = 'https://me:secret@example.org/';
    await expect(
      forwarding.add({ name: 'with user', target: webhookAt(receiver, { url: user }) }, actor)
    ).rejects.toMatchObject({ code: 'input-invalid' });
    await receiver.close();
  });
});

test('a receiver that is removed gets nothing more, and both are in the log', async () => {
  const receiver = await startSyslogReceiver(log.identity.tls);
  const { id } = await forwarding.add({ name: 'short', target: syslogAt(receiver) }, actor);
  await receiver.has(1);
  await forwarding.remove(id, actor);
  const before = receiver.items.length;
  await log.add(2);
  const other = await startSyslogReceiver(log.identity.tls);
  await forwarding.add({ name: 'next', target: syslogAt(other), after: (await head()) - 1 }, actor);
  await other.has(1);
  expect(receiver.items).toHaveLength(before);
  const rows = await log.store.tables.audit.find({ subject: id }, { after: 0, limit: 10 });
  expect(rows.map(({ action, actor: by }) => [action, by])).toEqual([
    ['audit.forward-added', actor],
    ['audit.forward-removed', actor]
  ]);
  await Promise.all([receiver.close(), other.close()]);
});

test('public addresses are told from the others', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '172.15.0.1', '172.32.0.1'])
    expect(isPublicAddress(address), address).toBe(true);
  for (const address of [
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'not an address'
  ])
    expect(isPublicAddress(address), address).toBe(false);
});
