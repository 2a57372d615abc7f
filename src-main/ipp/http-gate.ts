import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { targetPath } from './request.ts';

/** Why a request is turned away before any of its body is read. */
export interface HttpRefusal {
  status: 400 | 403 | 404 | 405 | 415;
  headers: Record<string, string>;
  body: string;
}

/**
 * Who may talk to the loopback printer: print clients, never web pages. A page that reaches it through DNS rebinding shows
 * a foreign Host, one that posts across origins shows an Origin; both are refused.
 */
export function refuseHttp({ method, url, headers }: IncomingMessage, boundHost: string): HttpRefusal | null {
  const host = hostOf(headers.host ?? '');
  if (host === null) return refusal(400);
  if (!isLoopback(host) && host !== boundHost) return refusal(403);
  if (headers.origin !== undefined) return refusal(403);
  if (!targetPath.test((url ?? '').split('?', 1)[0] ?? '')) return refusal(404);
  if (method !== 'POST') return refusal(405, { Allow: 'POST' });
  if (!/^application\/ipp\s*(;|$)/i.test(headers['content-type'] ?? '')) return refusal(415);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return refusal(415);
  return null;
}

/** The host of a Host header without its port, brackets or trailing dot; null if it isn't one. */
function hostOf(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+?)\.?)(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const refusal = (status: HttpRefusal['status'], headers: Record<string, string> = {}): HttpRefusal => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  body: `${STATUS_CODES[status]}\n`
});
