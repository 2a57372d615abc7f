import type { IncomingMessage } from 'node:http';
import type { OperationName } from './registry.ts';

/** Decides who may use a printer server. Implemented for the loopback printer (loopback-access.ts) and by app/ for shared ones. */
export interface Access {
  /**
   * How users show who they are over TLS: `basic` where everybody must, `requesting-user-name` where the machine knows.
   * Told to clients as uri-authentication-supported (RFC 8011 section 5.4.2).
   */
  readonly authentication: 'basic' | 'requesting-user-name';
  /** Null: not without (other) credentials. May take its time with those who guess. Never throws for bad input. */
  admit(request: IncomingMessage): Promise<Requester | null>;
}

export interface Requester {
  /** Authenticated. Null: requesting-user-name counts. */
  readonly name: string | null;
  /** Whose jobs it may see and change. */
  readonly sees: 'all' | 'own';
}

/** Whoever asks for what is open to everybody. */
export const nobody: Requester = { name: null, sees: 'own' };

/** What print systems need before they know whose credentials to use: a queue is made from Get-Printer-Attributes alone. */
export const openOperations: ReadonlySet<OperationName> = new Set<OperationName>(['Get-Printer-Attributes']);

/** The credentials of HTTP Basic (RFC 7617, in UTF-8), or null. */
export function basicCredentials({ headers }: IncomingMessage): { user: string; password: string } | null {
  const token = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(headers.authorization ?? '')?.[1];
  const match = token && /^([^:]*):(.*)$/s.exec(Buffer.from(token, 'base64').toString('utf8'));
  return match ? { user: match[1] ?? '', password: match[2] ?? '' } : null;
}
