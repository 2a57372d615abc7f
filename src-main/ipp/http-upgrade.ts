import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/**
 * Whether a request asks for TLS on the connection that it came over in the clear (RFC 2817 section 3), and can have it: what has
 * a body, and every other protocol, goes on as if nothing had been asked (RFC 9110 section 7.8).
 */
export const asksForTls = ({ headers }: IncomingMessage): boolean =>
  /(^|,)\s*TLS\/1\.\d\s*(,|$)/i.test(headers.upgrade ?? '') &&
  headers['transfer-encoding'] === undefined &&
  (headers['content-length'] ?? '0') === '0';

/** The answer that the TLS handshake follows. */
export const switchingProtocols =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n';

/** The head of a request without its wish to upgrade, for HTTP to read once more. */
export function withoutUpgrade({ method, url, httpVersion, rawHeaders, headers }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!/^(upgrade|connection)$/i.test(name)) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  if (asksToClose(headers)) lines.push('Connection: close');
  return Buffer.from([...lines, '', ''].join('\r\n'), 'latin1');
}

/** No request shall follow on the connection. */
export const asksToClose = ({ connection = '' }: IncomingHttpHeaders): boolean =>
  /(^|,)\s*close\s*(,|$)/i.test(connection);
