import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { asUnreachable, openReceiverSocket, type ReceiverAddress, refusal } from './receiver-socket.ts';

/**
 * POSTs `body` (JSON lines) with `Letterlock-Signature: t=<seconds>,v1=<hex>`, where v1 is HMAC-SHA-256 under the secret's
 * text over `<t>.<body>`. Taken means an answer of 200 to 299; a redirect is none, and nobody follows it.
 */
export async function sendWebhook(
  { url, secret, ...trust }: WebhookReceiver,
  body: string,
  { now, signal }: { /** Milliseconds. */ readonly now: number; readonly signal: AbortSignal }
): Promise<void> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const address = { ...trust, host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port || 443) };
  const socket = await openReceiverSocket(address, signal);
  try {
    const call = request({
      createConnection: () => socket,
      method: 'POST',
      path: `${pathname}${search}`,
      headers: {
        host,
        'content-type': 'application/x-ndjson',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Letterlock',
        'letterlock-signature': webhookSignature(secret, body, Math.floor(now / 1000))
      }
    });
    const answered = once(call, 'response');
    call.end(body);
    const [{ statusCode = 0 }] = (await answered) as [IncomingMessage];
    if (statusCode < 200 || statusCode > 299) throw refusal(`HTTP ${statusCode}`);
  } catch (error) {
    throw asUnreachable(error);
  } finally {
    socket.destroy();
  }
}

export interface WebhookReceiver extends Omit<ReceiverAddress, 'host' | 'port'> {
  readonly url: string;
  /** Its text is the key. */
  readonly secret: string;
}

/** `t`: seconds since the epoch. */
export const webhookSignature = (secret: string, body: string, t: number): string =>
  `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
