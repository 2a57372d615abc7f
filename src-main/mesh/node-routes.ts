import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { parseInput } from '../identity/device-server.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { Organization } from '../organization/organization.ts';
import { cloudEverAllowed } from '../protocol/cloud.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { Commit, type Health, ReleaseRequest, type ReplicaInfo, Reseal } from '../protocol/node-api.ts';
import { requireUploader } from './admission.ts';
import { parseContentRange } from './content-range.ts';
import { openEventStream } from './event-stream.ts';
import type { Leaving } from './leaving/leaving.ts';
import type { ClaimTaker, Deliver } from './ports.ts';
import type { ReplicaStore } from './replica-store.ts';
import type { Tombstones } from './tombstones.ts';
import type { Uploads } from './uploads.ts';

const Params = z.object({ job: JobId });

/** The routes of protocol/node-api.ts. Who calls and what it may do is looked up anew at each request. */
export function addNodeRoutes(
  app: FastifyInstance,
  node: {
    readonly self: DeviceId;
    readonly organization: Organization;
    readonly store: ReplicaStore;
    readonly uploads: Uploads;
    readonly tombstones: Tombstones;
    readonly leaving: Leaving;
    /** Whether a job that is held here may be on that node. */
    readonly mayHold: (node: Pick<DirectoryDevice, 'cloud'>, job: JobId) => boolean;
    readonly deliver: Deliver;
    readonly claims: ClaimTaker;
    readonly commit: (job: JobId, caller: DirectoryDevice, body: Commit) => Promise<Signed>;
    readonly reseal: (job: JobId, to: DirectoryDevice) => Promise<Signed>;
    readonly clock: Clock;
    readonly logger: Logger;
  }
): void {
  const { self, organization, store, uploads, tombstones, leaving, mayHold, deliver, clock, logger } = node;

  const callerOf = (request: FastifyRequest): DirectoryDevice => approved(request.peer.device);
  const approved = (id: Parameters<Organization['device']>[0]): DirectoryDevice => {
    const device = organization.device(id);
    if (!device) throw new LetterlockError('device-not-approved');
    return device;
  };
  /** Nothing of a job is for a cloud node that may not hold it. */
  const requirePlace = (node: Pick<DirectoryDevice, 'cloud'>, job: JobId): void => {
    if (store.held.has(job) && !mayHold(node, job)) throw new LetterlockError('policy-refused', 'cloud node');
  };
  /** Before a byte is taken: a cloud node where no job of anybody may lie. What one job may is seen when it is committed. */
  const refuseAllOutside = (): void => {
    const directory = organization.directory();
    const isCloud = organization.device(self)?.cloud === true;
    if (isCloud && !(directory && cloudEverAllowed(directory)))
      throw new LetterlockError('policy-refused', 'cloud node');
  };
  const replica = async (job: JobId) => {
    requirePlace(organization.device(self) ?? {}, job);
    return store.replica(job);
  };
  const jobOf = (request: FastifyRequest): JobId => parseInput(Params, request.params).job;

  // The stream itself is the body: fastify neither gathers nor counts it.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.get('/v1/health', async (): Promise<Health> => ({ condition: await leaving.condition.read() }));

  app.put('/v1/replicas/:job/blob', async (request, reply) => {
    const job = jobOf(request);
    const caller = callerOf(request);
    const { body } = request;
    if (!(body instanceof Readable)) throw new LetterlockError('input-invalid', 'content-type');
    try {
      requireUploader(caller);
      refuseAllOutside();
      if (tombstones.has(job)) throw new LetterlockError('conflict', 'erased');
      if (leaving.isLeaving()) throw new LetterlockError('node-unreachable', 'leaving');
      const expected = Number(request.headers['content-length'] ?? 0);
      const range = parseContentRange(request.headers['content-range']);
      return await uploads.receive(job, caller.id, body, { expected, ...(range ? { range } : {}) });
    } catch (error) {
      // The refusal goes out while the sender still sends: take in a little longer, so that it gets to read it.
      body.resume();
      const cancel = clock.after(limits.connectSeconds * 1000, () => reply.raw.destroy());
      body.once('close', cancel);
      throw error;
    }
  });

  app.get('/v1/replicas/:job/blob', { exposeHeadRoute: false }, async (request) => {
    return { offset: await uploads.offset(jobOf(request), callerOf(request).id) };
  });

  app.delete('/v1/replicas/:job/blob', async (request) => {
    await uploads.discard(jobOf(request), callerOf(request).id);
    return {};
  });

  app.post('/v1/replicas/:job/commit', async (request) => {
    const receipt = await node.commit(jobOf(request), callerOf(request), parseInput(Commit, request.body));
    return { receipt };
  });

  app.get('/v1/replicas/:job', async (request): Promise<ReplicaInfo> => {
    requirePlace(callerOf(request), jobOf(request));
    const held = await store.replica(jobOf(request));
    if (!held) throw new LetterlockError('not-found', 'job');
    return { manifest: held.manifest, metadata: held.metadata };
  });

  app.post('/v1/replicas/:job/reseal', async (request) => {
    const job = jobOf(request);
    const caller = callerOf(request);
    const to = approved(parseInput(Reseal, request.body).to);
    const held = store.held.get(job);
    if (!held) throw new LetterlockError('not-found', 'job');
    if (!caller.roles.includes('node') && held.device !== caller.id) throw new LetterlockError('not-allowed');
    if (!to.roles.includes('node')) throw new LetterlockError('not-allowed', 'to');
    requirePlace(to, job);
    return { receipt: await node.reseal(job, to) };
  });

  app.post('/v1/releases', async (request, reply) => {
    const caller = callerOf(request).id;
    const bundle = parseInput(ReleaseRequest, request.body);
    const events = openEventStream(reply, clock);
    try {
      await deliver.release({ bundle, caller, replica, claims: node.claims }, events.send);
    } catch (error) {
      if (!events.begun()) throw error;
      if (!events.told()) logger.error({ error }, 'a delivery ended without saying how');
    }
    events.end();
    return reply;
  });
}
