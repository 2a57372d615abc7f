import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DeviceId } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Presence } from '../protocol/device-api.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import type { Perform } from './act.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';
import type { EventStreams } from './event-streams.ts';
import type { JobEvents } from './job-events.ts';
import { createMemberReports, type MemberReports } from './member-reports.ts';

/** Devices that are connected: their event streams, and where nodes say that they listen. */
export interface PresenceKeeper {
  /** Answers with the newline-delimited stream of events and keeps it open. */
  stream(device: DeviceId, request: FastifyRequest, reply: FastifyReply): void;
  announce(device: DirectoryDevice, presence: Presence): Promise<void>;
  /** What a node that is connected here said of itself last. */
  condition(device: DeviceId): NodeCondition | null;
  /** What the nodes that are connected here take it for. */
  seen(device: DeviceId): ReturnType<MemberReports['seen']>;
}

export function createPresence(options: {
  readonly directory: DirectoryKeeper;
  readonly streams: EventStreams;
  readonly events: JobEvents;
  readonly perform: Perform;
}): PresenceKeeper {
  const { directory, streams, events, perform } = options;
  const refresh = () => directory.refresh();
  const conditions = new Map<DeviceId, NodeCondition>();
  const reports = createMemberReports();

  return {
    stream(device, request, reply) {
      const { raw } = reply;
      const ended = streams.open(
        device,
        {
          write: (line) => void raw.write(line),
          backlog: () => raw.writableLength,
          close: () => void raw.destroy()
        },
        () => {
          reply.hijack();
          raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
          return { type: 'directory', directory: directory.signed(), online: streams.online() };
        }
      );
      raw.once('close', ended);
      raw.once('error', () => raw.destroy());
      if (request.raw.socket.destroyed) ended();
      else events.greet(device);
    },

    condition: (device) => (streams.isOnline(device) ? (conditions.get(device) ?? null) : null),

    seen: (device) => reports.seen(device, streams.isOnline),

    async announce(device, { url, condition, members }) {
      reports.say(device.id, members);
      if (condition) conditions.set(device.id, condition);
      else conditions.delete(device.id);
      if (device.url === url) return;
      if (url !== null && !isNodeUrl(url)) throw new LetterlockError('input-invalid', 'url');
      await perform(`device:${device.id}`, async ({ tables, record, after }) => {
        await tables.devices.setUrl(device.id, url);
        record('node.announced', device.id, { url });
        after(refresh);
      });
    }
  };
}

/** https://host:port and nothing else: others will send their sealed jobs there. */
const isNodeUrl = (text: string): boolean => {
  const url = z.url({ protocol: /^https$/ }).safeParse(text).success ? new URL(text) : undefined;
  return url !== undefined && `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === '/';
};
