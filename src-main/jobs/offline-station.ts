import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { GrantRequest, type Session, type SessionJob, SignIn } from '../protocol/device-api.ts';
import type { CapsuleContent } from '../protocol/offline.ts';
import { sealMetadataKey } from '../sealing/metadata.ts';
import type { CapsuleKeeper } from './offline-capsule.ts';
import { grantOffline, openJobPartOf } from './offline-grant.ts';
import { type FoundJob, findJobs, type OfflineTransport } from './offline-list.ts';
import type { OfflineMemory } from './offline-memory.ts';
import { type OfflineUser, offlineSignIn } from './offline-sign-in.ts';
import type { JobsOrganization, JobsPorts } from './port.ts';

interface Visitor {
  readonly user: OfflineUser;
  jobs: Map<JobId, FoundJob>;
}

/**
 * The organization as a station's session sees it: the real one, and while its coordinator cannot be reached one that answers a few
 * of its calls out of the capsule. Sessions that were begun so end when the coordinator is back. The session knows no difference.
 */
export function offlineOrganization(
  ports: Omit<JobsPorts, 'transport'> & {
    readonly transport: OfflineTransport;
    readonly capsule: Pick<CapsuleKeeper, 'until' | 'open'>;
    readonly memory: OfflineMemory;
  }
): JobsOrganization {
  const { identity, organization, capsule, memory, clock } = ports;
  const visitors = new Map<string, Visitor>();
  organization.onChange(() => {
    if (organization.connected()) visitors.clear();
  });

  async function signIn(body: unknown): Promise<z.infer<typeof Session>> {
    const { content } = await capsule.open();
    const badges = organization.directory()?.policy.badges ?? 'off';
    const user = await offlineSignIn(SignIn.parse(body), content, { memory, badges, now: clock.now() });
    const session = randomBytes(32).toString('base64url');
    visitors.clear(); // one person at a station
    visitors.set(session, { user, jobs: new Map() });
    const { id, name } = user;
    return { session, expires: isoTime(clock.now() + limits.sessionSeconds * 1000), user: { id, name } };
  }

  async function listed({ manifest, holders, claimed }: FoundJob, content: CapsuleContent): Promise<SessionJob> {
    const { job: id, size, created, expires, custody } = manifest;
    const state = claimed ? 'printing' : 'held';
    return { id, state, size, created, expires, holders, custody, metadataKey: await titleKey(manifest, content) };
  }
  async function titleKey(manifest: FoundJob['manifest'], content: CapsuleContent): Promise<SessionJob['metadataKey']> {
    let jobPart: Uint8Array | undefined;
    try {
      jobPart = await openJobPartOf(manifest, content);
      const reader = { id: identity.id, sealingPublicKey: identity.sealing.publicKey };
      return await sealMetadataKey(jobPart, { job: manifest.job, reader });
    } catch {
      return null; // it can't be released here either, and says so then
    } finally {
      wipe(jobPart);
    }
  }

  async function answer(path: string, body: unknown, visitor: Visitor, session: string): Promise<unknown> {
    if (path === '/v1/sessions/end') {
      visitors.delete(session);
      return {};
    }
    if (path !== '/v1/sessions/jobs' && path !== '/v1/grants') throw new LetterlockError('coordinator-unreachable');
    const opened = await capsule.open();
    if (path === '/v1/sessions/jobs') {
      visitor.jobs = await findJobs(visitor.user.id, ports);
      return { jobs: await Promise.all([...visitor.jobs.values()].map((job) => listed(job, opened.content))) };
    }
    const request = GrantRequest.parse(body);
    const found = visitor.jobs.get(request.job);
    if (!found) throw new LetterlockError('not-found', 'job');
    const { user } = visitor;
    const { manifest } = found;
    const { nextFence: fence } = memory;
    return grantOffline({ request, user, manifest, capsule: opened, fence, identity, organization, now: clock.now() });
  }

  return {
    ...organization,
    async call(path, body, schema, options) {
      const { session } = WithSession.safeParse(body).data ?? {};
      const visitor = session === undefined ? undefined : visitors.get(session);
      if (visitor && session !== undefined) return schema.parse(await answer(path, body, visitor, session));
      const standsIn = path === '/v1/sessions' && !organization.connected() && capsule.until() !== null;
      return standsIn ? schema.parse(await signIn(body)) : organization.call(path, body, schema, options);
    }
  };
}

const WithSession = z.object({ session: z.string() });
