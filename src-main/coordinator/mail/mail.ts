import { hkdfSync } from 'node:crypto';
import type { OrganizationId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import type { CoordinatorStore } from '../store.ts';
import { testLetter } from './letters.ts';
import { createMailConfiguration } from './settings.ts';
import { type Letter, sendLetter, tryServer } from './smtp.ts';
import { createTurns } from './turns.ts';

/**
 * Letters to people, through the organization's own mail server. Each is tried once, within limits.mailSeconds; none is kept, because
 * the links in them are secrets of which only hashes lie here.
 */
export interface Mail {
  isSetUp(): Promise<boolean>;
  /** Resolves once the server has taken it. Throws `mail-not-sent`, `rate-limited`, and `not-found` where there is no server. */
  send(letter: Letter): Promise<void>;
  /** For what nobody waits for: its failure is logged. */
  inBackground(run: () => Promise<void>): void;
  readonly handlers: AdminArea<'mail'>;
  /** Breaks off what is under way; resolves when nothing is any more. */
  close(): Promise<void>;
}

export function createMail(options: {
  readonly store: CoordinatorStore;
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  /** From the key files; only a key derived from it is used. */
  readonly rootKey: Uint8Array;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): Mail {
  const { store, organization, rootKey, perform, clock, logger } = options;
  const inTurn = createTurns(limits.mailsAtOnce, limits.mailsWaiting);
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  function tracked<T>(task: Promise<T>): Promise<T> {
    const settled = task.catch(() => {}).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return task;
  }

  /** One conversation with a server, in its turn and its time. */
  const inTime = (run: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    tracked(
      inTurn(() => {
        const late = new AbortController();
        clock.after(limits.mailSeconds * 1000, () => late.abort(refusal('no answer in time')));
        return run(AbortSignal.any([closing.signal, late.signal]));
      })
    );

  const { server, handlers } = createMailConfiguration({
    ...options,
    secretKey: new Uint8Array(
      hkdfSync('sha256', rootKey, utf8(organization.id), utf8('letterlock/v1/mail-password'), 32)
    ),
    attempt: (server) => inTime((signal) => tryServer(server, signal))
  });

  async function send(letter: Letter): Promise<void> {
    const known = await server();
    if (!known) throw new LetterlockError('not-found', 'mail server');
    await inTime((signal) => sendLetter(known, organization.name, letter, signal));
  }

  return {
    isSetUp: async () => (await store.tables.mailServer.get()) !== undefined,
    send,
    inBackground(run) {
      tracked(run()).catch((error) => logger.warn({ error }, 'a mail could not be sent'));
    },
    handlers: {
      ...handlers,
      async 'admin.mail.test'({ to }, actor) {
        await send(testLetter(to, organization.name));
        await perform(actor, async ({ record }) => record('mail.tested', 'mail'));
        return {};
      }
    },
    async close() {
      closing.abort(refusal('Letterlock stops'));
      await Promise.all(underWay);
    }
  };
}

const refusal = (detail: string) => new LetterlockError('mail-not-sent', detail);
