import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from 'node:http';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { asksToClose } from './http-upgrade.ts';
import { isPage } from './pages.ts';
import { targetPath } from './request.ts';

/** Why a request is turned away before any of its body is read. */
export interface HttpRefusal {
  status: 400 | 401 | 403 | 404 | 405 | 415 | 426 | 503;
  headers: Record<string, string>;
  body: string;
}

/**
 * What may reach a printer at all: print clients, and a person who opens its page; never other web pages. One that comes through
 * DNS rebinding shows a foreign name in Host. One that posts, frames, embeds or opens a WebSocket across origins shows an
 * Origin, Fetch Metadata, or a type that a print client wouldn't send; there is no answer to a preflight that allows it.
 * `names`: DNS names under which the printer may be asked for besides localhost.
 */
export function refuseHttp(request: IncomingMessage, names: readonly string[]): HttpRefusal | null {
  const { method, url = '', headers, socket } = request;
  const host = hostOf(headers.host ?? '');
  if (host === null) return refusal(400);
  if (!isOwnHost(host, socket.localAddress) && !names.some((name) => name.toLowerCase() === host)) return refusal(403);
  if (headers.origin !== undefined || isForPage(method, headers)) return refusal(403);
  if (method === 'OPTIONS') return null;
  const path = url.split('?', 1)[0] ?? '';
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && isPage(path)) return null;
  if (!targetPath.test(path)) return isPage(path) ? refusal(405, { Allow: 'GET, HEAD' }) : refusal(404);
  if (method !== 'POST') return refusal(405, { Allow: 'POST' });
  if (!/^application\/ipp\s*(;|$)/i.test(headers['content-type'] ?? '')) return refusal(415);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return refusal(415);
  return null;
}

/** Credentials are asked for over TLS; in the clear, TLS is (RFC 2817 section 4.2), where it is to be had. */
export function refuseStranger({ socket, headers }: IncomingMessage, canUpgrade: boolean): HttpRefusal {
  if (socket instanceof TLSSocket) {
    return refusal(401, { 'WWW-Authenticate': 'Basic realm="Letterlock", charset="UTF-8"' });
  }
  if (!canUpgrade) return refusal(403);
  return refusal(426, {
    Upgrade: 'TLS/1.2, HTTP/1.1',
    Connection: asksToClose(headers) ? 'Upgrade, close' : 'Upgrade'
  });
}

/** It ends the connection unless `headers` say otherwise. */
export const refusal = (status: HttpRefusal['status'], headers: Record<string, string> = {}): HttpRefusal => {
  const body = `${STATUS_CODES[status]}\n`;
  const described = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': String(body.length) };
  return { status, headers: { ...described, Connection: 'close', ...headers }, body };
};

/** The host of a Host header without its port, brackets or trailing dot; null if it isn't one. */
function hostOf(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+?)\.?)(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

/** Loopback, or the very address that the connection came to: rebinding needs a name. */
function isOwnHost(host: string, localAddress = ''): boolean {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return true;
  return isIP(host) !== 0 && host === localAddress.replace(/^::ffff:/i, '').toLowerCase();
}

/** Browsers say what they fetch for (Fetch Metadata), print clients don't. A person may open a page here, which may show its icon. */
function isForPage(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined) return false;
  const opens = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return method !== 'GET' || !(opens || site === 'same-origin');
}
