import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GrantId, JobId, type Role } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { parseInput } from '../../identity/device-server.ts';
import { Signed } from '../../identity/signed-statement.ts';
import { GrantRequest, Outcome, Presence, RegisterJob, SignIn } from '../../protocol/device-api.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { Grants } from '../grants.ts';
import type { JobRegistry } from '../job-registry.ts';
import type { Outcomes } from '../outcomes.ts';
import type { PresenceKeeper } from '../presence.ts';
import type { SessionJobs } from '../session-jobs.ts';
import type { Sessions } from '../sessions.ts';
import type { SignedIn, Users } from '../users.ts';

export interface DeviceApi {
  readonly directory: DirectoryKeeper;
  readonly presence: PresenceKeeper;
  readonly registry: JobRegistry;
  readonly grants: Grants;
  readonly outcomes: Outcomes;
  readonly users: Users;
  readonly sessions: Sessions<SignedIn>;
  readonly sessionJobs: SessionJobs;
}

/**
 * Device API: who calls is known from TLS and was found approved before any of this runs. Each route asks for the role that
 * it needs, then parses what came, then hands over; no rule is here.
 */
export function addDeviceRoutes(app: FastifyInstance, api: DeviceApi): void {
  const { directory, presence, registry, grants, outcomes, users, sessions, sessionJobs } = api;

  /** The calling device; with `roles` it must have one of them. */
  function caller(request: FastifyRequest, ...roles: Role[]): DirectoryDevice {
    const device = directory.device(request.peer.device);
    if (!device) throw new LetterlockError('device-not-approved');
    if (roles.length > 0 && !roles.some((role) => device.roles.includes(role)))
      throw new LetterlockError('not-allowed', `only for ${roles.join(' or ')}`);
    return device;
  }
  const signedIn = (request: FastifyRequest, session: string) =>
    sessions.use(session, ({ device }) => device === request.peer.device).subject;

  app.get('/v1/events', (request, reply) => presence.stream(caller(request).id, request, reply));

  app.post('/v1/presence', async (request) => {
    const device = caller(request);
    const { url } = parseInput(Presence, request.body);
    if (url !== null) caller(request, 'node');
    await presence.announce(device, url);
    return {};
  });

  app.post('/v1/jobs', async (request) => {
    const device = caller(request, 'client');
    await registry.register(parseInput(RegisterJob, request.body), device);
    return {};
  });
  app.post('/v1/jobs/:job/holders', async (request) => {
    const device = caller(request, 'client', 'node');
    const { job } = parseInput(JobPath, request.params);
    await registry.addHolder(job, parseInput(Receipt, request.body).receipt, device);
    return {};
  });
  app.post('/v1/jobs/:job/cancel', async (request) => {
    const device = caller(request, 'client', 'station');
    const { job } = parseInput(JobPath, request.params);
    const { session } = parseInput(OptionalSession, request.body ?? {});
    await registry.cancel(
      job,
      session === undefined ? { device: device.id } : { user: signedIn(request, session).user }
    );
    return {};
  });

  app.post('/v1/sessions', async (request) => {
    const device = caller(request, 'client', 'station');
    const { user, pin } = parseInput(SignIn, request.body);
    return users.signIn(user, pin, device.id);
  });
  app.post('/v1/sessions/end', async (request) => {
    const { session } = parseInput(WithSession, request.body);
    signedIn(request, session);
    sessions.end(session);
    return {};
  });
  app.post('/v1/sessions/jobs', async (request) => {
    const device = caller(request, 'client', 'station');
    const { user } = signedIn(request, parseInput(WithSession, request.body).session);
    return { jobs: await sessionJobs(user, device) };
  });

  app.post('/v1/grants', async (request) => {
    const device = caller(request, 'client', 'station');
    const { session, ...claim } = parseInput(GrantRequest, request.body);
    return grants.issue(claim, signedIn(request, session).user, device.id);
  });
  app.post('/v1/grants/:grant/start', async (request) => {
    const node = caller(request, 'node');
    await outcomes.start(parseInput(GrantPath, request.params).grant, node.id);
    return {};
  });
  app.post('/v1/grants/:grant/outcome', async (request) => {
    const node = caller(request, 'node');
    const { grant } = parseInput(GrantPath, request.params);
    await outcomes.report(grant, node.id, parseInput(Outcome, request.body));
    return {};
  });

  app.post('/v1/erasures', async (request) => {
    const node = caller(request, 'node');
    await registry.erased(parseInput(Receipt, request.body).receipt, node.id);
    return {};
  });
}

const JobPath = z.object({ job: JobId });
const GrantPath = z.object({ grant: GrantId });
const Receipt = z.object({ receipt: Signed });
const WithSession = z.object({ session: z.string().max(128) });
const OptionalSession = WithSession.partial();
