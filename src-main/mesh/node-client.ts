import type { Agent } from 'node:https';
import { z } from 'zod';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { deviceAgent } from '../identity/device-agent.ts';
import { type DeviceRequest, request, requestLines } from '../identity/device-http.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { Signed } from '../identity/signed-statement.ts';
import type { Organization } from '../organization/organization.ts';
import type { GrantBundle } from '../protocol/device-api.ts';
import { Health, ReleaseEvent, ReplicaInfo, UploadOffset } from '../protocol/node-api.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import { ClaimReply, OwnersReplicas } from '../protocol/offline.ts';
import { RepairReply } from '../protocol/repair.ts';
import { openBlobUpload } from './blob-upload.ts';
import { createCloudGuard } from './cloud-guard.ts';
import { readManifest } from './envelope.ts';
import { ping } from './event-stream.ts';
import type { NodeTransport } from './ports.ts';

/** HTTPS to other nodes: one kept-alive connection to each that is approved, and only while it is. */
export function createNodeClient(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  /** Where a node answers now, for whoever knows better than the directory. */
  readonly addressOf?: (node: DeviceId) => string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}): NodeTransport {
  const { identity, organization, addressOf, clock, logger } = options;
  const guard = createCloudGuard(organization);
  const agents = new Map<DeviceId, Agent>();
  const conditions = new Map<DeviceId, { readonly said: NodeCondition; readonly at: number }>();

  const agentOf = (node: DeviceId): Agent => {
    const agent = agents.get(node) ?? deviceAgent({ identity, expect: node });
    agents.set(node, agent);
    return agent;
  };
  const peer = (node: DeviceId) => {
    const device = organization.device(node);
    if (!device?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node');
    const url = addressOf?.(node) ?? device.url;
    if (!url) throw new LetterlockError('node-unreachable');
    return {
      agent: agentOf(node),
      url,
      unreachable: 'node-unreachable'
    } as const satisfies Partial<DeviceRequest>;
  };
  /** What goes on with a node that was revoked breaks off. */
  const offChange = organization.onChange(() => {
    for (const [node, agent] of agents) {
      if (organization.device(node)) continue;
      agent.destroy();
      agents.delete(node);
      conditions.delete(node);
    }
  });
  const receipt = async (node: DeviceId, path: string, body: unknown, idleSeconds: number): Promise<Signed> =>
    (await request({ ...peer(node), path, body, schema: Receipt, idleSeconds })).receipt;

  return {
    upload(node, origin, signal, range) {
      const { job } = origin;
      const path = `/v1/replicas/${job}/blob`;
      const target = peer(node);
      const allowed = guard.watch(node, origin);
      const upload = openBlobUpload({
        ...target,
        path,
        signal: AbortSignal.any([signal, allowed.signal]),
        clock,
        range,
        giveUp: () =>
          request({ ...target, method: 'DELETE', path, schema: z.object({}) }).then(
            () => {},
            (error: unknown) => logger.debug({ node, job, error }, 'the node forgets the upload by itself')
          )
      });
      return {
        write: upload.write,
        end: () => upload.end().finally(allowed.done),
        abort(reason) {
          allowed.done();
          upload.abort(reason);
        }
      };
    },
    async offset(node, origin, signal) {
      guard.check(node, origin);
      const path = `/v1/replicas/${origin.job}/blob`;
      return (await request({ ...peer(node), method: 'GET', path, schema: UploadOffset, signal })).offset;
    },
    async tellHolders(node, job, receipts) {
      await request({ ...peer(node), path: `/v1/replicas/${job}/holders`, body: { receipts }, schema: z.object({}) });
    },
    sync: (node, body, signal) =>
      request({
        ...{ ...peer(node), path: '/v1/mesh/sync', body, schema: RepairReply, signal },
        idleSeconds: limits.syncAnswerSeconds
      }),
    claim: (node, body, signal) =>
      request({
        ...{ ...peer(node), path: '/v1/mesh/claims', body, schema: ClaimReply, signal },
        idleSeconds: limits.claimSeconds
      }),
    replicasOf: (node, owner, signal) =>
      request({
        ...{ ...peer(node), method: 'GET', path: `/v1/replicas?owner=${owner}`, schema: OwnersReplicas, signal },
        idleSeconds: limits.connectSeconds
      }),
    async commit(node, job, body) {
      const manifest = readManifest(body.manifest);
      if (!manifest) throw new LetterlockError('input-invalid', 'manifest');
      guard.check(node, manifest);
      return receipt(node, `/v1/replicas/${job}/commit`, body, limits.durableSeconds);
    },
    reseal: (node, job, to) => receipt(node, `/v1/replicas/${job}/reseal`, { to }, limits.stagedSeconds),
    async info(node, job) {
      return request({ ...peer(node), method: 'GET', path: `/v1/replicas/${job}`, schema: ReplicaInfo });
    },
    async probe(node, signal) {
      try {
        const { condition } = await request({
          ...peer(node),
          method: 'GET',
          path: '/v1/health',
          schema: Health,
          signal,
          idleSeconds: limits.connectSeconds
        });
        if (condition) conditions.set(node, { said: condition, at: clock.now() });
        return true;
      } catch {
        return false;
      }
    },
    condition: (node) => conditions.get(node)?.said ?? null,
    heard: (node) => conditions.get(node)?.at ?? null,
    release: (node, bundle, signal) => releaseEvents({ ...peer(node), path: '/v1/releases', signal }, bundle),
    close() {
      offChange();
      guard.close();
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    }
  };
}

const Receipt = z.object({ receipt: Signed });
const eventTypes = new Set<string>(ReleaseEvent.options.map(({ shape }) => shape.type.value));
/** Of a later version: it says that the node is there, and no more. */
const LaterEvent = z.object({ type: z.string().refine((type) => !eventTypes.has(type)) }).transform(() => ping);
const EventLine = z.union([ReleaseEvent, z.object({ type: z.literal(ping.type) }), LaterEvent]);

async function* releaseEvents(
  target: DeviceRequest,
  bundle: GrantBundle
): AsyncGenerator<ReleaseEvent, void, undefined> {
  for await (const event of requestLines({ ...target, body: bundle, schema: EventLine })) {
    if (event.type === 'ping') continue;
    yield event;
    if (event.type === 'completed' || event.type === 'failed') return;
  }
  // The node broke off: the coordinator knows or will know how it ended.
  throw new LetterlockError('node-unreachable', 'during the release');
}
