import { hostname } from 'node:os';

/** An address to listen on as it stands in a URL that others are given. "Any address" is no name: then this machine's own. */
export function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname();
  return host.includes(':') ? `[${host}]` : host;
}
