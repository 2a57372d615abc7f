import { z } from 'zod';
import { errorCodes } from './errors.ts';
import { DeviceId, GrantId, JobId, PairingId, PrinterId, TokenId, UserId } from './ids.ts';

/** What the windows, the command line and scripts are shown. Times are RFC 3339 in UTC, sizes are bytes. */
export const deliveryGrades = ['ipps-required', 'ipps-preferred', 'plain-allowed'] as const;
export const DeliveryGrade = z.enum(deliveryGrades);
export type DeliveryGrade = z.infer<typeof DeliveryGrade>;

export const roles = ['client', 'node', 'station'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

export const jobStates = [
  'sealing',
  'held',
  'released',
  'printing',
  'completed',
  'uncertain',
  'canceled',
  'expired',
  'aborted'
] as const;
export const JobState = z.enum(jobStates);
export type JobState = z.infer<typeof JobState>;

/** States that a job never leaves. */
export const finalJobStates: readonly JobState[] = ['completed', 'canceled', 'expired', 'aborted'];

export const Failure = z.object({
  code: z.enum(errorCodes as [string, ...string[]]),
  message: z.string(),
  detail: z.string().optional()
});
export type Failure = z.infer<typeof Failure>;

export const Holder = z.object({ id: DeviceId, name: z.string(), alive: z.boolean() });
export type Holder = z.infer<typeof Holder>;

/** One print job as its owner sees it. `title` is null where this machine cannot read it. */
export const JobView = z.object({
  id: JobId,
  state: JobState,
  owner: z.string(),
  size: z.number(),
  created: z.string(),
  expires: z.string(),
  title: z.string().nullable(),
  holders: z.array(Holder),
  /** True once enough other machines hold it: this one may be switched off. */
  safeToClose: z.boolean(),
  /** True while it waits sealed on this machine because too few nodes answer. */
  inOutbox: z.boolean().default(false),
  progress: z
    .object({ phase: z.enum(['sealing', 'sending', 'delivering']), bytes: z.number(), total: z.number().nullable() })
    .optional(),
  printer: z.string().optional(),
  failure: Failure.optional()
});
export type JobView = z.infer<typeof JobView>;

export const PrinterView = z.object({
  id: PrinterId,
  name: z.string(),
  location: z.string(),
  grade: DeliveryGrade,
  secure: z.boolean()
});
export type PrinterView = z.infer<typeof PrinterView>;

/** How this machine stands with its organization. */
export const PairingView = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unpaired'), failure: Failure.optional() }),
  /** `code`: the six digits to compare; null until the coordinator has answered. */
  z.object({
    state: z.literal('pairing'),
    coordinator: z.string(),
    code: z.string().nullable(),
    expires: z.string().nullable()
  }),
  z.object({ state: z.literal('paired'), organization: z.string(), coordinator: z.string() })
]);
export type PairingView = z.infer<typeof PairingView>;

export const ConnectionView = z.object({
  coordinator: z.enum(['online', 'offline']),
  /** When what we know of the organization was last confirmed. */
  directoryAge: z.string().nullable(),
  nodes: z.array(Holder)
});
export type ConnectionView = z.infer<typeof ConnectionView>;

/** What every role knows of itself. */
const machine = {
  device: z.object({ id: DeviceId.nullable(), name: z.string() }),
  pairing: PairingView,
  connection: ConnectionView
};

export const ClientState = z.object({
  ...machine,
  /** Name of the user that this machine prints for. */
  owner: z.string().nullable(),
  virtualPrinter: z.object({ uri: z.string().nullable(), accepting: z.boolean(), failure: Failure.optional() }),
  printers: z.array(PrinterView),
  /** Newest first. */
  jobs: z.array(JobView)
});
export type ClientState = z.infer<typeof ClientState>;

/** What a station shows. `session` is null while nobody is signed in; then no job is listed either. */
export const StationState = z.object({
  ...machine,
  printers: z.array(PrinterView),
  session: z.object({ user: z.string(), expires: z.string(), jobs: z.array(JobView) }).nullable()
});
export type StationState = z.infer<typeof StationState>;

export const NodeState = z.object({
  ...machine,
  /** Where other machines reach it. */
  url: z.string().nullable(),
  replicas: z.number()
});
export type NodeState = z.infer<typeof NodeState>;

export const PairingRequestView = z.object({
  id: PairingId,
  name: z.string(),
  roles: z.array(Role),
  /** The six digits that the other screen must show too. */
  code: z.string(),
  address: z.string(),
  created: z.string(),
  expires: z.string()
});
export const DeviceView = z.object({
  id: DeviceId,
  name: z.string(),
  roles: z.array(Role),
  status: z.enum(['approved', 'revoked']),
  owner: z.string().nullable(),
  url: z.string().nullable(),
  online: z.boolean(),
  certificateExpires: z.string()
});
export const UserView = z.object({
  id: UserId,
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  hasPin: z.boolean()
});
export const AdminPrinterView = z.object({
  id: PrinterId,
  name: z.string(),
  location: z.string(),
  uri: z.string(),
  status: z.enum(['pending', 'approved', 'removed']),
  grade: DeliveryGrade,
  /** SHA-256 of the DER certificate, lower-case hex: the pin. Null for a printer without TLS. */
  certificateSha256: z.string().nullable(),
  certificateSubject: z.string().nullable(),
  certificateExpires: z.string().nullable()
});
export const TokenView = z.object({
  id: TokenId,
  roles: z.array(Role),
  uses: z.number(),
  maxUses: z.number(),
  expires: z.string(),
  owner: z.string().nullable()
});
/** Sizes and states, never titles: the coordinator cannot read them. */
export const AdminJobView = z.object({
  id: JobId,
  state: JobState,
  owner: z.string(),
  size: z.number(),
  created: z.string(),
  expires: z.string(),
  holders: z.array(Holder),
  printer: z.string().nullable(),
  grant: GrantId.nullable()
});
export const AuditRowView = z.object({
  sequence: z.number(),
  time: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string()
});
export const AuditReport = z.object({
  intact: z.boolean(),
  rows: z.number(),
  signatures: z.number(),
  head: z.string(),
  firstBroken: z.number().nullable(),
  reason: z.string().nullable()
});
export const PolicyView = z.object({
  replicas: z.number().int().min(1).max(5),
  holdHours: z.number().min(0.5).max(168),
  deliveryGrade: DeliveryGrade
});
export type PolicyView = z.infer<typeof PolicyView>;
