import type { ServerResponse } from 'node:http';
import type { JobId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Change, Changes, Published } from '../changes.ts';
import type { CoordinatorStore } from '../store.ts';
import type { Authenticate } from './authenticate.ts';
import { mayRead, type Principal } from './principal.ts';

/**
 * Server-sent events (WHATWG HTML, section 9.2): which areas have changed, for whoever may read them. Never what has changed:
 * that is asked for in the ordinary way, with the ordinary checks. Changes that come close together leave together.
 */
export interface EventSource {
  /** Answers and stays open. `after`: the last change that the browser knows. Throws `rate-limited`. */
  stream(principal: Principal, after: string | undefined, raw: ServerResponse): void;
  close(): void;
}

const heartbeatMs = 15_000;
const gatherMs = 200;
/** More ids of one area than this are not named: all of it is read again. */
const idsAtMost = 50;

export function createEventSource(options: {
  readonly store: CoordinatorStore;
  readonly changes: Changes;
  readonly again: Authenticate['again'];
  readonly clock: Clock;
}): EventSource {
  const { store, changes, again, clock } = options;
  const open = new Map<string, Set<() => void>>();

  return {
    stream(principal, after, raw) {
      const key = principal.kind === 'token' ? principal.token.id : principal.session.id;
      const mine = open.get(key) ?? new Set();
      if (mine.size >= limits.eventStreams) throw new LetterlockError('rate-limited', 'event streams');
      open.set(key, mine);

      const missed = after === undefined ? [] : changes.since(after);
      let waiting: Published[] = [...(missed ?? [])];
      let busy = false;
      let ended = false;
      let stopTimer = () => {};

      const end = () => {
        ended = true;
        stopTimer();
        off();
        mine.delete(end);
        if (mine.size === 0) open.delete(key);
        raw.destroy();
      };
      /** Every time: is this still who it was? Whoever was signed out hears nothing more. */
      async function flush(): Promise<void> {
        busy = true;
        const batch = waiting;
        waiting = [];
        try {
          const now = await again(principal);
          if (!now) end();
          if (!now || ended) return;
          const visible = await visibleTo(now, merged(batch), store);
          const last = batch.at(-1);
          if (last && visible.length > 0) write(event('change', { changes: visible }, last.cursor));
          else write(':\n\n');
        } catch {
          end();
        }
        if (ended) return;
        stopTimer();
        stopTimer = clock.after(gatherMs, () => {
          busy = false;
          if (waiting.length > 0) void flush();
          else stopTimer = clock.after(heartbeatMs, () => void flush());
        });
      }
      const write = (text: string) => {
        // A browser that does not read is cut; it comes back and catches up.
        if (raw.writableLength > limits.strangerBody) end();
        else raw.write(text);
      };

      const off = changes.onChange((published) => {
        waiting.push(published);
        if (waiting.length > limits.changesKept) end();
        else if (!busy) void flush();
      });
      mine.add(end);
      raw.once('close', end);
      raw.once('error', end);
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.write('retry: 1000\n\n');
      if (missed === null) raw.write(event('reset', {}, changes.cursor()));
      void flush();
    },
    close() {
      for (const streams of open.values()) for (const end of [...streams]) end();
    }
  };
}

const event = (name: string, data: object, id: string): string =>
  `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

/** One entry for each area. */
function merged(batch: readonly Published[]): Change[] {
  const areas = new Map<string, Set<string>>();
  for (const { area, ids } of batch.flatMap(({ changes }) => changes))
    areas.set(area, new Set([...(areas.get(area) ?? []), ...ids]));
  return [...areas].map(([area, ids]) => ({ area, ids: ids.size > idsAtMost ? [] : [...ids] }));
}

/** A user hears of their own jobs and of themselves. */
async function visibleTo(principal: Principal, all: readonly Change[], store: CoordinatorStore): Promise<Change[]> {
  if (principal.kind !== 'user') return all.filter(({ area }) => mayRead(principal, area));
  const { id } = principal.user;
  const visible: Change[] = [];
  for (const { area, ids } of all) {
    if (area === 'user' && ids.includes(id)) visible.push({ area, ids: [id] });
    if (area !== 'job') continue;
    const owners = await Promise.all(ids.map((job) => store.tables.jobs.get(job as JobId)));
    const own = ids.filter((_, i) => owners[i]?.owner === id);
    if (own.length > 0 || ids.length === 0) visible.push({ area, ids: own });
  }
  return visible;
}
