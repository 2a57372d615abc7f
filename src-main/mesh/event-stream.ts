import type { FastifyReply } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { encodeLine } from '../base/ndjson.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';

/** Says that the node is still there; the client passes it on to nobody. */
export const ping = { type: 'ping' } as const;
const pingMs = 10_000;

/**
 * Release events as lines of an answer that begins with the first event, so that a refusal before it is an ordinary error.
 * A reader that went away or does not read is no reason to stop: its events are dropped.
 */
export function openEventStream(reply: FastifyReply, clock: Clock) {
  const { raw } = reply;
  let begun = false;
  let told = false;
  let cancelPing = () => {};

  const begin = () => {
    begun = true;
    reply.hijack();
    raw.on('error', () => {}); // the reader is gone
    raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
    raw.once('close', () => cancelPing());
    pingLater();
  };
  const pingLater = () => {
    cancelPing = clock.after(pingMs, () => {
      write(ping);
      pingLater();
    });
  };
  /** Progress may be left out for a reader that does not keep up; how it ended may not. */
  const write = (value: unknown, always = false) => {
    if (!raw.destroyed && (always || !raw.writableNeedDrain)) raw.write(encodeLine(value));
  };

  return {
    begun: () => begun,
    /** Whether it was said how the release ended. */
    told: () => told,
    send(event: ReleaseEvent) {
      if (!begun) begin();
      const isEnd = event.type === 'completed' || event.type === 'failed';
      told ||= isEnd;
      write(event, isEnd || event.type === 'delivered');
    },
    end() {
      cancelPing();
      if (begun && !raw.destroyed) raw.end();
    }
  };
}
