import type { Agent } from 'node:https';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { type Asking, askLines } from '../../base/line-channel.ts';
import { request } from '../../identity/device-http.ts';
import { requestUpgrade } from '../../identity/device-upgrade.ts';
import { gossipPath, gossipProtocol } from '../../protocol/membership.ts';

/**
 * The way to one node at one address: a channel that stays open, made with the first message, and made anew when it has ended or
 * an answer is late, so that no message waits behind a lost one. To a node that knows of no channels each message goes by POST;
 * it is asked again every limits.gossipUpgradeSeconds.
 */
export interface GossipLink {
  readonly url: string;
  /** Throws `node-unreachable`, `certificate-invalid`, or the node's own code. */
  send(message: unknown): Promise<unknown>;
  close(): void;
}

/** `agent` proves who answers, and stays the caller's. */
export function createGossipLink(options: {
  readonly agent: Agent;
  readonly url: string;
  readonly clock: Clock;
}): GossipLink {
  const { agent, url, clock } = options;
  const to = { agent, url, path: gossipPath, unreachable: 'node-unreachable' as const };
  /** The channel that messages take. Null: they go by POST. */
  let inUse: Asking | null | undefined;
  let opening: Promise<Asking | null> | undefined;
  const open = new Set<Asking>();
  let closed = false;
  let cancel = (): void => {};

  async function connect(): Promise<Asking | null> {
    const socket = await requestUpgrade({ ...to, protocol: gossipProtocol, seconds: limits.gossipSeconds });
    if (!socket) {
      inUse = null;
      cancel();
      cancel = clock.after(limits.gossipUpgradeSeconds * 1000, () => {
        inUse = undefined;
      });
      return null;
    }
    socket.setTimeout(limits.gossipIdleSeconds * 1000, () => socket.destroy());
    const channel = askLines(socket, {
      ...{ maxBytes: limits.gossip, late: limits.gossipLateSeconds * 1000, patience: limits.gossipSeconds * 1000 },
      ...{ clock, unreachable: to.unreachable }
    });
    void channel.ended.then(() => {
      open.delete(channel);
      if (inUse === channel) inUse = undefined;
    });
    open.add(channel);
    inUse?.retire();
    inUse = channel;
    if (closed) channel.end();
    return channel;
  }
  /** One for all messages that come meanwhile; those that come when it takes too long begin another. */
  function connected(): Promise<Asking | null> {
    if (opening) return opening;
    const attempt = connect().finally(() => {
      stop();
      over();
    });
    const over = (): void => {
      if (opening === attempt) opening = undefined;
    };
    const stop = clock.after(limits.gossipLateSeconds * 1000, over);
    opening = attempt;
    return attempt;
  }

  return {
    url,
    async send(message) {
      const channel = inUse === undefined || inUse?.isLate() ? await connected() : inUse;
      if (channel) return channel.ask(message);
      return request({ ...to, body: message, schema: z.unknown(), idleSeconds: limits.gossipSeconds });
    },
    close() {
      closed = true;
      cancel();
      for (const channel of open) channel.end();
    }
  };
}
