import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GrantId, JobId, PrinterId, type Role } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { parseInput } from '../../identity/device-server.ts';
import { Signed } from '../../identity/signed-statement.ts';
import {
  Approval,
  GrantRequest,
  Outcome,
  Presence,
  PrinterReport,
  RegisterJob,
  RenewCertificate,
  SignIn,
  TicketTaken
} from '../../protocol/device-api.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import type { Approvals } from '../approvals.ts';
import type { Certificates } from '../certificates.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { Grants } from '../grants.ts';
import type { JobEvents } from '../job-events.ts';
import type { JobRegistry } from '../job-registry.ts';
import type { Outcomes } from '../outcomes.ts';
import type { PresenceKeeper } from '../presence.ts';
import type { PrinterCapabilities } from '../printer-capabilities.ts';
import type { ReleaseTickets } from '../release-tickets.ts';
import type { SessionJobs } from '../session-jobs.ts';
import type { Sessions } from '../sessions.ts';
import type { Users } from '../users/users.ts';

export interface DeviceApi {
  readonly directory: DirectoryKeeper;
  readonly presence: PresenceKeeper;
  readonly certificates: Certificates;
  readonly registry: JobRegistry;
  readonly events: Pick<JobEvents, 'outstanding'>;
  readonly grants: Grants;
  readonly tickets: ReleaseTickets;
  readonly approvals: Approvals;
  readonly outcomes: Outcomes;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly sessionJobs: SessionJobs;
  readonly capabilities: PrinterCapabilities;
}

/**
 * Device API: who calls is known from TLS and was found approved before any of this runs. Each route asks for the role that
 * it needs, then parses what came, then hands over; no rule is here.
 */
export function addDeviceRoutes(app: FastifyInstance, api: DeviceApi): void {
  const {
    directory,
    presence,
    certificates,
    registry,
    events,
    grants,
    tickets,
    approvals,
    outcomes,
    users,
    sessions,
    sessionJobs,
    capabilities
  } = api;

  /** The calling device; with `roles` it must have one of them. */
  function caller(request: FastifyRequest, ...roles: Role[]): DirectoryDevice {
    const device = directory.device(request.peer.device);
    if (!device) throw new LetterlockError('device-not-approved');
    if (roles.length > 0 && !roles.some((role) => device.roles.includes(role)))
      throw new LetterlockError('not-allowed', `only for ${roles.join(' or ')}`);
    return device;
  }
  /** Nodes print for users who sign in there only where shared printers are allowed. */
  const sharing = (): Role[] => (directory.current().policy.sharedPrinters ? ['node'] : []);
  const signedIn = (request: FastifyRequest, session: string) => sessions.use(session, request.peer.device);

  app.addHook('onRequest', async ({ peer, raw: { socket } }) => {
    const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (certificate) await certificates.shown(peer.device, certificate);
  });

  app.get('/v1/events', { exposeHeadRoute: false }, (request, reply) =>
    presence.stream(caller(request).id, request, reply)
  );

  app.post('/v1/presence', async (request) => {
    const device = caller(request);
    const said = parseInput(Presence, request.body);
    if (said.url !== null) caller(request, 'node');
    await presence.announce(device, said);
    return {};
  });

  app.post('/v1/certificate', async (request) => {
    const { csr } = parseInput(RenewCertificate, request.body);
    return { certificate: await certificates.renew(caller(request), csr) };
  });

  app.post('/v1/jobs', async (request) => {
    const device = caller(request, 'client', ...sharing());
    const { session, ...job } = parseInput(RegisterJob, request.body);
    const owner = session === undefined ? device.owner : (await signedIn(request, session)).user;
    await registry.register(job, device, owner);
    return {};
  });
  app.post('/v1/jobs/:job/holders', async (request) => {
    const device = caller(request, 'client', 'node');
    const { job } = parseInput(JobPath, request.params);
    await registry.addHolder(job, parseInput(Receipt, request.body).receipt, device);
    return {};
  });
  app.post('/v1/jobs/:job/cancel', async (request) => {
    const device = caller(request, 'client', 'station', ...sharing());
    const { job } = parseInput(JobPath, request.params);
    const { session } = parseInput(OptionalSession, request.body ?? {});
    await registry.cancel(
      job,
      session === undefined ? { device: device.id } : { user: (await signedIn(request, session)).user }
    );
    return {};
  });

  app.post('/v1/jobs/:job/ticket', async (request) => {
    const device = caller(request, 'client');
    const { job } = parseInput(JobPath, request.params);
    const { session, expires } = parseInput(TicketTaken, request.body);
    const { user } = await signedIn(request, session);
    await tickets.taken(job, { user, device: device.id, expires: Date.parse(expires) });
    return {};
  });

  app.post('/v1/sessions', async (request) => {
    const device = caller(request, 'client', 'station', ...sharing());
    const proof = parseInput(SignIn, request.body);
    // Readers stand at stations; elsewhere a number would be typed that somebody has seen.
    if ('badge' in proof) caller(request, 'station');
    return users.signIn(proof, device.id);
  });
  app.post('/v1/sessions/end', async (request) => {
    const { session } = parseInput(WithSession, request.body);
    await signedIn(request, session);
    await sessions.end(session);
    return {};
  });
  app.post('/v1/sessions/jobs', async (request) => {
    const device = caller(request, 'client', 'station');
    const { user } = await signedIn(request, parseInput(WithSession, request.body).session);
    return { jobs: await sessionJobs(user, device) };
  });

  app.post('/v1/grants', async (request, reply) => {
    const device = caller(request, 'client', 'station');
    const { session, ...claim } = parseInput(GrantRequest, request.body);
    const gone = closed(reply);
    return grants.issue(claim, (await signedIn(request, session)).user, device.id, gone);
  });
  app.post('/v1/approvals/:grant', async (request) => {
    const device = caller(request, 'client');
    const { grant } = parseInput(GrantPath, request.params);
    await approvals.answer(grant, device.id, parseInput(Approval, request.body));
    return {};
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

  app.post('/v1/printers/:printer/capabilities', async (request) => {
    const node = caller(request, 'node');
    const { printer } = parseInput(PrinterPath, request.params);
    await capabilities.report(printer, parseInput(PrinterReport, request.body).capabilities, node.id);
    return {};
  });

  app.post('/v1/erasures', async (request) => {
    const node = caller(request, 'node');
    await registry.erased(parseInput(Receipt, request.body).receipt, node.id);
    return {};
  });
  app.post('/v1/erasures/outstanding', async (request) => {
    return { orders: await events.outstanding(caller(request, 'node').id) };
  });
}

/** Aborted when whoever asked has gone away. */
function closed({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}

const JobPath = z.object({ job: JobId });
const PrinterPath = z.object({ printer: PrinterId });
const GrantPath = z.object({ grant: GrantId });
const Receipt = z.object({ receipt: Signed });
const WithSession = z.object({ session: z.string().max(128) });
const OptionalSession = WithSession.partial();
