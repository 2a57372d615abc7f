import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type JobId, type Role, UserId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseInput } from '../../identity/device-server.ts';
import type { Organization } from '../../organization/organization.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import { ClaimMessage, type ClaimReply, type OwnersReplicas } from '../../protocol/offline.ts';
import type { ReplicaStore } from '../replica-store.ts';
import type { Claims } from './claiming.ts';

/** The node's routes of protocol/offline.ts. Who calls and what it may do is looked up anew at each request. */
export function addClaimRoutes(
  app: FastifyInstance,
  options: { readonly organization: Organization; readonly claims: Claims; readonly store: ReplicaStore }
): void {
  const { organization, claims, store } = options;
  const caller = (request: FastifyRequest, role: Role): DirectoryDevice => {
    const device = organization.device(request.peer.device);
    if (!device?.roles.includes(role)) throw new LetterlockError('not-allowed', `only for ${role}`);
    return device;
  };

  app.post('/v1/mesh/claims', async (request): Promise<ClaimReply> => {
    const node = caller(request, 'node');
    if (isNewer(request.body)) return { v: 1, type: 'unsupported' };
    return claims.receive(node.id, parseInput(ClaimMessage, request.body));
  });

  app.get('/v1/replicas', { exposeHeadRoute: false }, async (request): Promise<OwnersReplicas> => {
    caller(request, 'station');
    if (!organization.directory()?.policy.offlineHours) throw new LetterlockError('not-allowed', 'the policy');
    const { owner } = parseInput(Query, request.query);
    const jobs = [...store.held]
      .filter(([, held]) => held.owner === owner)
      .sort(([, a], [, b]) => b.committed - a.committed)
      .slice(0, limits.listedJobs);
    const replicas = await Promise.all(jobs.map(([job]) => entry(job)));
    return { replicas: replicas.flatMap((one) => one ?? []) };
  });

  async function entry(job: JobId): Promise<OwnersReplicas['replicas'][number] | null> {
    const replica = await store.replica(job).catch(() => undefined); // a damaged one is for others to report
    return replica ? { manifest: replica.manifest, claimed: claims.has(job) } : null;
  }
}

const Query = z.object({ owner: UserId });
const known: ReadonlySet<unknown> = new Set(['claim', 'over']);
const isNewer = (body: unknown): boolean => {
  const head = z.object({ v: z.int(), type: z.string() }).safeParse(body);
  return head.success && (head.data.v > 1 || !known.has(head.data.type));
};
