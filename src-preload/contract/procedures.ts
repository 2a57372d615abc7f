import { z } from 'zod';
import { DeviceId, JobId, PairingId, PrinterId, TokenId, UserId } from './ids.ts';
import {
  AdminJobView,
  AdminPrinterView,
  AuditReport,
  AuditRowView,
  ClientState,
  DeliveryGrade,
  DeviceView,
  JobView,
  NodeState,
  PairingRequestView,
  PolicyView,
  Role,
  StationState,
  TokenView,
  UserView
} from './views.ts';

/**
 * Every procedure: who may call it, what goes in, what comes out. Two transports serve the table: IPC to the windows, and
 * HTTP (a local socket for the command line, HTTPS for the administrator). The caller is known from the channel; it is checked
 * first, then the input is parsed. Nothing else crosses.
 */
export const callers = ['client-window', 'station-window', 'local', 'admin'] as const;
/** `local`: a program of the same operating system user, on the control socket. `admin`: an administrator's session. */
export type Caller = (typeof callers)[number];

const procedure = <Input extends z.ZodType, Output extends z.ZodType>(
  allowed: readonly Caller[],
  input: Input,
  output: Output
) => ({ callers: allowed, input, output });

const client = ['client-window', 'local'] as const;
const station = ['station-window', 'local'] as const;
const anyRole = ['client-window', 'station-window', 'local'] as const;
const admin = ['admin', 'local'] as const;

const none = z.object({}).strict();
const done = z.object({});
const Name = z.string().trim().min(1).max(128);
/** Never logged, never echoed. */
const Pin = z.string().regex(/^\d{4,32}$/);
const NewToken = z.object({
  roles: z.array(Role).min(1),
  maxUses: z.number().int().min(1).max(10_000).default(1),
  hours: z
    .number()
    .positive()
    .max(24 * 90)
    .default(24),
  owner: Name.optional()
});

export const procedures = {
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

  'station.state': procedure(station, none, StationState),
  'station.sign-in': procedure(station, z.object({ user: Name, pin: Pin }), StationState),
  'station.sign-out': procedure(station, none, done),
  /** Any touch while signed in, so that the idle reset starts again. */
  'station.stay': procedure(station, none, done),
  'station.release': procedure(
    station,
    z.object({ job: JobId, printer: PrinterId, acceptSecondCopy: z.boolean().default(false) }),
    JobView
  ),
  'station.cancel': procedure(station, z.object({ job: JobId }), done),

  'node.state': procedure(['local'], none, NodeState),

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
  'pairing.cancel': procedure(anyRole, none, done),

  'admin.pairing.list': procedure(admin, none, z.array(PairingRequestView)),
  /** `code`: as read on the other screen. It must match; the approval is refused otherwise. */
  'admin.pairing.approve': procedure(
    admin,
    z.object({ id: PairingId, code: z.string().regex(/^\d{6}$/), owner: Name.optional() }),
    DeviceView
  ),
  'admin.pairing.reject': procedure(admin, z.object({ id: PairingId }), done),
  'admin.device.list': procedure(admin, none, z.array(DeviceView)),
  'admin.device.revoke': procedure(admin, z.object({ id: DeviceId }), done),
  'admin.token.create': procedure(admin, NewToken, TokenView.extend({ token: z.string() })),
  'admin.token.list': procedure(admin, none, z.array(TokenView)),
  'admin.token.revoke': procedure(admin, z.object({ id: TokenId }), done),
  'admin.user.list': procedure(admin, none, z.array(UserView)),
  'admin.user.add': procedure(admin, z.object({ name: Name, pin: Pin.optional() }), UserView),
  'admin.user.set-pin': procedure(admin, z.object({ id: UserId, pin: Pin }), done),
  'admin.user.suspend': procedure(admin, z.object({ id: UserId, suspended: z.boolean() }), done),
  'admin.printer.list': procedure(admin, none, z.array(AdminPrinterView)),
  /** Asks the printer for its certificate and capabilities; the printer stays pending until it is approved. */
  'admin.printer.add': procedure(
    admin,
    z.object({ name: Name, uri: z.string().max(512), location: z.string().max(128).default('') }),
    AdminPrinterView
  ),
  /** `certificateSha256`: as compared by the administrator; must be the one that was seen. */
  'admin.printer.approve': procedure(
    admin,
    z.object({
      id: PrinterId,
      certificateSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
      grade: DeliveryGrade.default('ipps-required')
    }),
    AdminPrinterView
  ),
  'admin.printer.remove': procedure(admin, z.object({ id: PrinterId }), done),
  'admin.policy.get': procedure(admin, none, PolicyView),
  'admin.policy.set': procedure(admin, PolicyView.partial(), PolicyView),
  'admin.job.list': procedure(admin, none, z.array(AdminJobView)),
  'admin.job.cancel': procedure(admin, z.object({ id: JobId }), done),
  'admin.key.list': procedure(
    admin,
    none,
    z.array(z.object({ epoch: z.number(), created: z.string(), current: z.boolean(), destroyed: z.boolean() }))
  ),
  'admin.key.rotate': procedure(admin, none, z.object({ epoch: z.number() })),
  'admin.key.destroy': procedure(admin, z.object({ epoch: z.number().int() }), done),
  'admin.audit.list': procedure(
    admin,
    z.object({ after: z.number().int().default(0), limit: z.number().int().min(1).max(1000).default(200) }),
    z.array(AuditRowView)
  ),
  'admin.audit.verify': procedure(admin, none, AuditReport),
  'admin.mesh.status': procedure(admin, none, z.object({ nodes: z.array(DeviceView) }))
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
  'client.state': { callers: client, payload: ClientState },
  'station.state': { callers: station, payload: StationState },
  'node.state': { callers: ['local'], payload: NodeState },
  /** From the shell itself: whether the engine answers. After `true`, ask for the state again. */
  'engine.state': { callers: ['client-window', 'station-window'], payload: z.object({ reachable: z.boolean() }) }
} as const;
export type EventName = keyof typeof events;
export const isEvent = (name: unknown): name is EventName => typeof name === 'string' && Object.hasOwn(events, name);
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]['payload']>;
