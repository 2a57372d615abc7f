import { BlockList, isIP } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { MailSettings } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';

/** A mail server and what to say there. */
export interface MailServer {
  readonly settings: MailSettings;
  readonly password: string | null;
}
/** Plain text to one person. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * Speaks SMTP (RFC 5321), TLS first and the certificate checked; without TLS only with this very machine. `signal` ends it in the
 * middle. Throws `mail-not-sent`, whose detail holds no word of the server's.
 */
export const sendLetter = (server: MailServer, from: string, letter: Letter, signal: AbortSignal): Promise<void> =>
  converse(server, signal, async (connection) => {
    const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
    const message = await new MailComposer({
      from: { name: oneLine(from), address: server.settings.from },
      to: { name: '', address: letter.to },
      subject: oneLine(letter.subject),
      text: letter.text,
      // Nobody's out-of-office reply answers it (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true
    })
      .compile()
      .build();
    await new Promise<void>((resolve, reject) =>
      connection.send({ from: server.settings.from, to: [letter.to] }, message, (error) =>
        error ? reject(error) : resolve()
      )
    );
  });

/** As far as signing in, and no further. Throws as `sendLetter` does. */
export const tryServer = (server: MailServer, signal: AbortSignal): Promise<void> =>
  converse(server, signal, async () => {});

async function converse(
  { settings, password }: MailServer,
  signal: AbortSignal,
  talk: (connection: SMTPConnection) => Promise<void>
): Promise<void> {
  const { host, port, tls, user, authority } = settings;
  if (tls === 'none' && !isLoopback(host))
    throw new LetterlockError('input-invalid', 'tls: none is for loopback addresses alone');
  // Loaded where mails are sent, and nowhere else.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  signal.throwIfAborted();
  const connection = new Connection({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(authority === null ? {} : { ca: authority }) }
  });
  const close = () => connection.close();
  // Also while it still says good-bye, when the mail is long sent.
  signal.addEventListener('abort', close, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('ended')));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const speak = async () => {
        if (user !== null)
          await new Promise<void>((done, failed) =>
            connection.login({ user, pass: password ?? '' }, (error) => (error ? failed(error) : done()))
          );
        await talk(connection);
      };
      connection.connect((error) => (error ? reject(error) : void speak().then(resolve, reject)));
    });
    connection.quit();
  } catch (error) {
    close();
    throw asNotSent(signal.aborted ? signal.reason : error);
  }
}

/** In words of our own, and nothing kept of the server's: it may repeat the password that it was told. */
function asNotSent(error: unknown): LetterlockError {
  if (error instanceof LetterlockError) return error;
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const words = (typeof code === 'string' && reasons[code]) || 'the connection ended early';
  const answer = typeof responseCode === 'number' ? ` (${responseCode})` : '';
  return new LetterlockError('mail-not-sent', words + answer);
}

const reasons: Readonly<Record<string, string>> = {
  EAUTH: 'user or password was not accepted',
  EDNS: 'no such host',
  EENVELOPE: 'the sender or the recipient was not accepted',
  EMESSAGE: 'the mail was not accepted',
  EPROTOCOL: 'it does not speak SMTP',
  ESOCKET: 'no connection, or its certificate is not trusted',
  ETIMEDOUT: 'no answer in time',
  ETLS: 'no TLS, or its certificate is not trusted'
};

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
/** An address, not a name: names go where somebody says. */
const isLoopback = (host: string): boolean => {
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
};

/** Control characters, line separators among them, become spaces: nothing of a name is ever a header. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
