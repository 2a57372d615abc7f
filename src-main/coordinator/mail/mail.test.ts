import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../base/limits.ts';
import { actor, createRig, type Rig } from '../testing/rig.ts';
import { startImpostor, startMailServer, type TestMailServer } from './testing/mail-server.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
}, 60_000);
afterAll(() => rig?.close());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function start(...how: Parameters<typeof startMailServer>): Promise<TestMailServer> {
  const server = await startMailServer(...how);
  open.push(server);
  return server;
}
async function impostor(answer: (socket: Socket, line: string | undefined) => void) {
  const server = await startImpostor(answer);
  open.push(server);
  return server;
}

const handlers = () => rig.coordinator.handlers;
const use = ({ settings, password }: TestMailServer, change: object = {}) =>
  handlers()['admin.mail.set']({ ...settings, password: settings.user === null ? null : password, ...change }, actor);
const sendTest = (to = 'ada@example.org') => handlers()['admin.mail.test']({ to }, actor);
const refused = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });
const notSent = (detail: string) => refused('mail-not-sent', detail);

describe('a mail server', () => {
  test.each(['implicit', 'starttls', 'none'] as const)('takes mails, TLS %s', async (tls) => {
    const server = await start(tls === 'none' ? { tls, host: '127.0.0.1' } : { tls });
    await use(server);
    await sendTest();
    const { from, to, secure, headers } = await server.mail(1);
    expect({ from, to, secure }).toEqual({
      from: 'print@example.org',
      to: ['ada@example.org'],
      secure: tls !== 'none'
    });
    expect(headers).toContain('From: Test organization <print@example.org>');
    expect(headers).toContain('Auto-Submitted: auto-generated');
  });

  test('keeps its password to itself: in no answer, no row of the log, nowhere in the clear on disk', async () => {
    const server = await start();
    const view = await use(server);
    expect(view).toEqual({ ...server.settings, hasPassword: true });
    expect(await handlers()['admin.mail.get']({}, actor)).toEqual(view);
    const rows = await handlers()['admin.audit.list']({ after: 0, limit: 1000 }, actor);
    expect(JSON.stringify(rows)).not.toContain(server.password);
    for (const file of ['coordinator.db', 'coordinator.db-wal'])
      expect((await readFile(join(rig.dataDir, file))).includes(server.password), file).toBe(false);
  });

  test('is sent the password that was given for it, and no other server is', async () => {
    const [one, other] = [await start(), await start()];
    await use(one);
    await handlers()['admin.mail.set']({ ...one.settings, from: 'other@example.org' }, actor);
    await sendTest();
    expect((await one.mail(1)).from).toBe('other@example.org');
    for (const settings of [other.settings, { ...one.settings, tls: 'starttls' as const }])
      await expect(handlers()['admin.mail.set'](settings, actor)).rejects.toEqual(refused('input-invalid', 'password'));
  });

  test('is tried before it counts: wrong password, wrong certificate, nobody there', async () => {
    const server = await start();
    await use(server);
    await expect(use(server, { password: 'wrong' })).rejects.toEqual(notSent('user or password'));
    await expect(use(server, { authority: null })).rejects.toEqual(notSent('not trusted'));
    await expect(use(server, { host: '127.0.0.2' })).rejects.toEqual(notSent('no connection'));
    await expect(use(server, { user: null })).rejects.toEqual(refused('input-invalid', 'both or neither'));
    const starttls = await start({ tls: 'starttls' });
    await expect(use(starttls, { authority: null })).rejects.toEqual(notSent('not trusted'));
    expect(await handlers()['admin.mail.get']({}, actor)).toMatchObject({ port: server.settings.port });
  });

  test('gets nothing in the clear, unless it is this machine by its address', async () => {
    const server = await start({ tls: 'none' });
    for (const host of ['localhost', '192.0.2.1', '127.0.0.1.example.org'])
      await expect(use(server, { host })).rejects.toEqual(refused('input-invalid', 'loopback'));
  });

  test('that refuses somebody, or the mail, is believed', async () => {
    const server = await start(
      {},
      {
        onRcptTo: ({ address }, _session, done) => done(address.startsWith('no') ? new Error('go away') : null),
        onData(stream, _session, done) {
          stream.resume().on('end', () => done(new Error('no space')));
        }
      }
    );
    await use(server);
    await expect(sendTest('nobody@example.org')).rejects.toEqual(notSent('recipient was not accepted (550)'));
    await expect(sendTest()).rejects.toEqual(notSent('the mail was not accepted'));
  });

  test('that goes silent is given up after its time', async () => {
    let heard = () => {};
    const silent = await impostor(() => heard());
    const server = await start();
    for (const settings of [
      { tls: 'implicit' as const, port: silent.port },
      { tls: 'starttls' as const, port: silent.port }
    ]) {
      const connected = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const answer = expect(use(server, settings)).rejects.toEqual(notSent('no answer in time'));
      await connected;
      rig.clock.advance(limits.mailSeconds * 1000);
      await answer;
    }
  });

  test('that lies about STARTTLS hears neither password nor mail', async () => {
    const server = await start({ tls: 'starttls' });
    const lies = [
      // Has none.
      (line: string) => (line.startsWith('EHLO') ? '250-mail\r\n250 AUTH PLAIN\r\n' : '502 no\r\n'),
      // Says that it begins, and goes on in the clear.
      (line: string) =>
        line.startsWith('EHLO') ? '250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n' : '220 go on\r\n250 AUTH PLAIN\r\n',
      // Speaks an older SMTP that knows of none.
      (line: string) => (line.startsWith('EHLO') ? '502 no\r\n' : '250 mail\r\n')
    ];
    for (const lie of lies) {
      const heard: string[] = [];
      const liar = await impostor((socket, line) => {
        if (line !== undefined) heard.push(line);
        socket.write(line === undefined ? '220 mail ESMTP\r\n' : lie(line));
      });
      await expect(use(server, { port: liar.port })).rejects.toEqual(notSent(''));
      expect(heard.join('\n')).not.toMatch(/AUTH|MAIL FROM/);
    }
  });

  test('has the words of nobody in its letters where they would be more than words', async () => {
    const server = await start();
    await use(server);
    const name = 'Ada\r\nBcc: eve@example.org\r\n\r\nClick here';
    await handlers()['admin.invitation.create']({ name, email: 'ada@example.org', hours: 1, showLink: false }, actor);
    const { to, headers, text } = await server.mail(1);
    expect(to).toEqual(['ada@example.org']);
    expect(headers.join('\n')).not.toContain('eve@example.org');
    expect(text).toContain('as Ada Bcc: eve@example.org Click here.');
    for (const address of [
      'ada@example.org\r\nRCPT TO:<eve@example.org>',
      'ada@example.org, eve@example.org',
      '<eve@example.org>'
    ])
      await expect(sendTest(address)).rejects.toEqual(notSent(''));
    expect(server.mails).toHaveLength(1);
  });

  test('is needed no more once it was removed; closing waits for nobody who hangs', async () => {
    await handlers()['admin.mail.remove']({}, actor);
    await expect(handlers()['admin.mail.remove']({}, actor)).rejects.toEqual(refused('not-found'));
    await expect(sendTest()).rejects.toEqual(refused('not-found'));

    let heard = () => {};
    const connected = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const silent = await impostor(() => heard());
    const answer = expect(use(await start(), { port: silent.port })).rejects.toEqual(notSent('stops'));
    await connected;
    await rig.restart();
    await answer;
  });
});
