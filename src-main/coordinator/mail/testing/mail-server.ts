import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { MailSettings } from '../../../../src-preload/contract/index.ts';
import { createTestOrganization } from '../../../identity/testing/organization.ts';
import type { TlsIdentity } from '../../../identity/tls.ts';

/** A real mail server on loopback, with TLS and a user, for tests. */
export interface TestMailServer {
  /** For `admin.mail.set`. */
  readonly settings: MailSettings;
  readonly password: string;
  readonly mails: readonly ReceivedMail[];
  /** Resolves with the mail of this number, from 1, once it has come. */
  mail(number: number): Promise<ReceivedMail>;
  close(): Promise<void>;
}
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** Header lines, unfolded. */
  readonly headers: readonly string[];
  readonly text: string;
}

/** `smtp`: how this one differs from one that does everything right. */
export async function startMailServer(
  change: Partial<MailSettings> = {},
  smtp: SMTPServerOptions = {}
): Promise<TestMailServer> {
  const { keyPem, certificatePem, authorityPem } = await serverIdentity();
  const password = 'correct horse';
  const mails: ReceivedMail[] = [];
  const waiting = new Set<() => void>();
  const settings: MailSettings = {
    host: 'localhost',
    port: 0,
    tls: 'implicit',
    user: 'letterlock',
    from: 'print@example.org',
    authority: authorityPem,
    ...change
  };
  const server = new SMTPServer({
    secure: settings.tls === 'implicit',
    key: keyPem,
    cert: certificatePem,
    authOptional: settings.user === null,
    allowInsecureAuth: settings.tls === 'none',
    disableReverseLookup: true,
    onAuth: (auth, _session, done) =>
      auth.username === settings.user && auth.password === password
        ? done(null, { user: auth.username })
        : done(new Error(`wrong: ${auth.password}`)),
    async onData(stream, { envelope, secure }, done) {
      let raw = '';
      for await (const chunk of stream) raw += String(chunk);
      const [head = '', ...body] = raw.split('\r\n\r\n');
      const { mailFrom, rcptTo } = envelope;
      mails.push({
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        secure,
        headers: head.replaceAll(/\r\n[ \t]/g, ' ').split('\r\n'),
        text: quotedPrintable(head, body.join('\r\n\r\n'))
      });
      done();
      for (const look of waiting) look();
    },
    ...smtp
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');

  return {
    settings: { ...settings, port: (server.server.address() as AddressInfo).port },
    password,
    mails,
    mail: (number) =>
      new Promise((resolve) => {
        const look = () => {
          const mail = mails[number - 1];
          if (mail && waiting.delete(look)) resolve(mail);
        };
        waiting.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(resolve))
  };
}

/** Something that is no mail server: `answer` says what it does with a connection and with each line that comes. */
export async function startImpostor(answer: (socket: Socket, line: string | undefined) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    answer(socket, undefined);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) answer(socket, line);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    }
  };
}

let identity: Promise<TlsIdentity> | undefined;
const serverIdentity = (): Promise<TlsIdentity> => {
  identity ??= createTestOrganization()
    .then(({ machine }) => machine('mail'))
    .then(({ tls }) => tls);
  return identity;
};

/** RFC 2045, section 6.7, as far as our letters use it. */
const quotedPrintable = (head: string, body: string): string =>
  /^content-transfer-encoding: quoted-printable$/im.test(head)
    ? Buffer.from(
        body
          .replaceAll('=\r\n', '')
          .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1'
      ).toString()
    : body;
