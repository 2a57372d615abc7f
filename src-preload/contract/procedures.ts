import { z } from 'zod';
import { client, station } from './procedures/access.ts';
import { adminProcedures } from './procedures/admins.ts';
import { auditProcedures } from './procedures/audit.ts';
import { coordinatorProcedures } from './procedures/coordinators.ts';
import { deviceProcedures } from './procedures/devices.ts';
import { jobProcedures } from './procedures/jobs.ts';
import { keyProcedures } from './procedures/keys.ts';
import { machineProcedures } from './procedures/machine.ts';
import { organizationProcedures } from './procedures/organization.ts';
import { policyProcedures } from './procedures/policy.ts';
import { portalProcedures } from './procedures/portal.ts';
import { printerProcedures } from './procedures/printers.ts';
import { sessionProcedures } from './procedures/session.ts';
import { siteProcedures } from './procedures/sites.ts';
import { userProcedures } from './procedures/users.ts';
import { ClientState, NodeState, StationState } from './views.ts';

export { type Caller, callers, type Scope, scopes } from './procedures/access.ts';

/**
 * Every procedure: who may call it, what goes in, what comes out. Two transports serve the table: IPC to the windows, and
 * HTTP (a local socket for the command line, HTTPS for browsers and programs). The caller is known from the channel; it is
 * checked first, then the input is parsed. Nothing else crosses.
 */
export const procedures = {
  ...machineProcedures,
  ...deviceProcedures,
  ...siteProcedures,
  ...userProcedures,
  ...printerProcedures,
  ...policyProcedures,
  ...jobProcedures,
  ...keyProcedures,
  ...auditProcedures,
  ...organizationProcedures,
  ...coordinatorProcedures,
  ...adminProcedures,
  ...sessionProcedures,
  ...portalProcedures
} as const;

export type Procedure = keyof typeof procedures;
/** As callers write it (defaults may be left out). */
export type Input<P extends Procedure> = z.input<(typeof procedures)[P]['input']>;
/** As handlers get it. */
export type ParsedInput<P extends Procedure> = z.output<(typeof procedures)[P]['input']>;
export type Output<P extends Procedure> = z.output<(typeof procedures)[P]['output']>;
export const isProcedure = (name: unknown): name is Procedure =>
  typeof name === 'string' && Object.hasOwn(procedures, name);

/** Pushed to whoever may read the matching state procedure; a whole snapshot each time, so a lost one does no harm. */
export const events = {
  'client.state': { callers: client.callers, payload: ClientState },
  'station.state': { callers: station.callers, payload: StationState },
  'node.state': { callers: ['local'], payload: NodeState },
  /** Somebody asked which window belongs to this printer (Identify-Printer, PWG 5100.13): it comes to the front. */
  'client.identify': { callers: client.callers, payload: z.object({ message: z.string().max(255).optional() }) },
  /** From the shell itself: whether the engine answers. After `true`, ask for the state again. */
  'engine.state': { callers: ['client-window', 'station-window'], payload: z.object({ reachable: z.boolean() }) },
  /** From the shell: somebody opened a link that says where to pair (`where`: address or token). To be shown, not to be done. */
  'pairing.link': { callers: ['client-window', 'station-window'], payload: z.object({ where: z.string().max(512) }) }
} as const;
export type EventName = keyof typeof events;
export const isEvent = (name: unknown): name is EventName => typeof name === 'string' && Object.hasOwn(events, name);
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]['payload']>;
