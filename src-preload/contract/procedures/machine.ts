import { z } from 'zod';
import { GrantId, JobId, PrinterId } from '../ids.ts';
import { ClientState, InstallationView, JobView, NodeState, StationState, TicketView } from '../views.ts';
import { anyRole, client, procedure, station } from './access.ts';
import { BadgeNumber, done, Name, none, Pin } from './fields.ts';

/** What windows and the command line ask of the machine that they are on. */
export const machineProcedures = {
  'client.state': procedure(client, none, ClientState),
  'client.release': procedure(
    client,
    z.object({
      job: JobId,
      printer: PrinterId,
      user: Name.optional(),
      pin: Pin,
      acceptSecondCopy: z.boolean().default(false)
    }),
    JobView
  ),
  'client.cancel': procedure(client, z.object({ job: JobId }), done),
  /** The owner's word on a release that was asked for elsewhere (`ClientState.approvals`). */
  'client.approve': procedure(client, z.object({ id: GrantId, approved: z.boolean() }), done),
  /** Strict custody: a ticket with which its owner prints the job at a station while this computer is off. */
  'client.ticket': procedure(client, z.object({ job: JobId, user: Name.optional(), pin: Pin }), TicketView),
  /** Adds the virtual printer to the operating system's print system, or repairs it; `remove` takes it out and leaves it out. */
  'client.printer.install': procedure(client, z.object({ asDefault: z.boolean().optional() }), InstallationView),
  'client.printer.remove': procedure(client, none, InstallationView),
  'station.state': procedure(station, none, StationState),
  /** Answers `pin-required` when the badge alone does not do here. */
  'station.sign-in': procedure(
    station,
    z.union([z.object({ user: Name, pin: Pin }), z.object({ badge: BadgeNumber, pin: Pin.optional() })]),
    StationState
  ),
  'station.sign-out': procedure(station, none, done),
  /** Any touch while signed in, so that the idle reset starts again. */
  'station.stay': procedure(station, none, done),
  'station.release': procedure(
    station,
    z.object({ job: JobId, printer: PrinterId, acceptSecondCopy: z.boolean().default(false) }),
    JobView
  ),
  /** A release ticket as a scanner read it. It counts until the sign-out; `job`: what can be released now. */
  'station.ticket': procedure(station, z.object({ text: z.string().max(512) }), z.object({ job: JobId })),
  'station.cancel': procedure(station, z.object({ job: JobId }), done),
  'node.state': procedure({ callers: ['local'] }, none, NodeState),
  /**
   * The node takes nothing more, and gives away what would be too rare without it, for at most so many seconds. `made`: replicas; `left`:
   * jobs that still have too few. It goes on saying that it leaves until it stops, or is told to stay.
   */
  'node.leave': procedure(
    { callers: ['local'] },
    z.object({ seconds: z.int().min(1).max(3600).default(60) }),
    z.object({ made: z.int(), left: z.int() })
  ),
  'node.stay': procedure({ callers: ['local'] }, none, done),
  /** `coordinator`: host:port of the pairing listener; or an enrollment token, which names it. Resolves at once; watch the state. */
  'pairing.begin': procedure(
    anyRole,
    z.object({
      coordinator: z.string().max(512).optional(),
      token: z.string().max(512).optional(),
      name: Name.optional()
    }),
    done
  ),
  'pairing.cancel': procedure(anyRole, none, done)
} as const;
