import { readFile } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import type { ErrorCode, WebSessionView } from '../../../../src-preload/contract/index.ts';
import { adminPassword, type Rig } from '../../testing/rig.ts';

/** A browser as far as the coordinator can tell: real HTTPS, a cookie, the headers that browsers send by themselves. */
export interface TestBrowser {
  /** What the page remembers of its session. */
  csrf: string;
  cookie: string;
  /** A call of our own page. `headers` replace what it would send. */
  rpc<Value = unknown>(procedure: string, input?: unknown, headers?: OutgoingHttpHeaders): Promise<RpcAnswer<Value>>;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answer>;
  /** Opens the stream of events and gives each as it comes. Ends when the coordinator ends it. */
  events(after?: string): AsyncGenerator<ServerSentEvent>;
  signIn(name?: string, password?: string, code?: string): Promise<WebSessionView>;
}
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
export interface RpcAnswer<Value> extends Answer {
  readonly value: Value;
  readonly code: ErrorCode | undefined;
}
export interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: { readonly changes?: readonly { area: string; ids: string[] }[] };
}

/** `name`: the host name in the address bar; the certificate names `localhost` too. `localAddress`: where it stands. */
export async function openBrowser(rig: Rig, name = '127.0.0.1', localAddress?: string): Promise<TestBrowser> {
  const authority = await readFile(join(rig.dataDir, 'authority.pem'), 'utf8');
  const host = () => `${name}:${new URL(rig.coordinator.webUrl).port}`;

  function send(method: string, path: string, headers: OutgoingHttpHeaders, text?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: new URL(rig.coordinator.webUrl).port,
          servername: name === '127.0.0.1' ? '' : name,
          ca: authority,
          agent: false,
          ...(localAddress === undefined ? {} : { localAddress }),
          method,
          path,
          headers: given({
            host: host(),
            'sec-fetch-site': 'same-origin',
            ...(browser.cookie ? { cookie: `__Host-letterlock=${browser.cookie}` } : {}),
            ...headers
          })
        },
        resolve
      );
      sent.once('error', reject);
      sent.end(text);
    });
  }
  async function answer(response: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    for (const line of response.headers['set-cookie'] ?? [])
      browser.cookie = /^__Host-letterlock=([^;]*)/.exec(line)?.[1] ?? browser.cookie;
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  }

  const browser: TestBrowser = {
    csrf: '',
    cookie: '',
    async rpc<Value>(procedure: string, input: unknown = {}, headers: OutgoingHttpHeaders = {}) {
      const own = {
        origin: `https://${host()}`,
        'content-type': 'application/json',
        ...(browser.csrf ? { 'x-letterlock-csrf': browser.csrf } : {})
      };
      const got = await answer(
        await send('POST', `/api/rpc/${procedure}`, { ...own, ...headers }, JSON.stringify(input))
      );
      const { value, code } = JSON.parse(got.body.toString()) as { value: Value; code?: ErrorCode };
      const csrf = (value as { csrf?: unknown } | undefined)?.csrf;
      if (typeof csrf === 'string') browser.csrf = csrf;
      return { ...got, value, code };
    },
    get: async (path, headers = {}) => answer(await send('GET', path, headers)),
    async *events(after) {
      const response = await send('GET', `/api/events${after === undefined ? '' : `?after=${after}`}`, {});
      let text = '';
      try {
        for await (const chunk of response) {
          text += String(chunk);
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const found = parsed(text.slice(0, end));
            text = text.slice(end + 2);
            if (found) yield found;
          }
        }
      } catch {
        // Cut by the coordinator: the end, too.
      } finally {
        response.destroy();
      }
    },
    async signIn(user = rig.coordinator.adminUser, password, code) {
      const input = { name: user, password: password ?? (await adminPassword(rig)), code };
      const { value, code: failed } = await browser.rpc<WebSessionView>('session.sign-in', input);
      if (failed) throw new Error(failed);
      return value;
    }
  };
  return browser;
}

/** Headers set to undefined are not sent. */
const given = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));

function parsed(block: string): ServerSentEvent | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const data = field('data');
  return data === undefined ? null : { event: field('event') ?? '', id: field('id') ?? '', data: JSON.parse(data) };
}
