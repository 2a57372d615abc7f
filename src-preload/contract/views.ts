import { z } from 'zod';
import { errorCodes } from './errors.ts';
import { BadgeId, DeviceId, GrantId, JobId, PairingId, PrinterId, TokenId, UserId } from './ids.ts';
import { PlacementChoice, SafetyForecast } from './placement-views.ts';
import { SiteId } from './site-views.ts';

/** What the windows, the command line and scripts are shown. Times are RFC 3339 in UTC, sizes are bytes. */
export const deliveryGrades = ['ipps-required', 'ipps-preferred', 'plain-allowed'] as const;
export const DeliveryGrade = z.enum(deliveryGrades);
export type DeliveryGrade = z.infer<typeof DeliveryGrade>;

/** Whether jobs may lie on cloud nodes. */
export const CloudNodes = z.enum(['allow', 'deny']);

export const Custody = z.enum(['standard', 'strict']);
export type Custody = z.infer<typeof Custody>;

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

/** What is known of a document from its own bytes, read while it streams by. Absent: not known, never guessed. */
export const DocumentFacts = z.object({
  pages: z.int().positive().optional(),
  /** Whether any page needs a colour other than grey. */
  color: z.boolean().optional(),
  /** Distinct page sizes in hundredths of a millimetre, as in "media-size" (PWG 5100.7); the most frequent first. */
  media: z
    .array(z.object({ x: z.int().positive(), y: z.int().positive() }))
    .max(8)
    .optional()
});
export type DocumentFacts = z.infer<typeof DocumentFacts>;

/** `leaving`: it is awake, but says that it goes, or its battery will not last. */
export const Holder = z.object({
  id: DeviceId,
  name: z.string(),
  alive: z.boolean(),
  leaving: z.boolean().optional()
});
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
  /** True once enough other machines hold it: this one may be switched off. Never in strict custody. */
  safeToClose: z.boolean(),
  /** What that rests on. Absent where another machine than the one that printed it shows the job. */
  forecast: SafetyForecast.optional(),
  /** Why these nodes keep it, the chosen ones first; known where it was printed. */
  why: z.array(PlacementChoice).optional(),
  /** True while it waits sealed on this machine because too few nodes answer. */
  inOutbox: z.boolean().default(false),
  progress: z
    .object({
      phase: z.enum(['sealing', 'sending', 'approving', 'delivering']),
      bytes: z.number(),
      total: z.number().nullable()
    })
    .optional(),
  printer: z.string().optional(),
  /** How many documents it has, and what is known of them together. */
  documents: z.int().positive().default(1),
  facts: DocumentFacts.default({}),
  /** `strict`: prints only after a confirmation on the computer that printed it. */
  custody: Custody.default('standard'),
  /** At a station: its release ticket was shown there, so that it prints without that confirmation. */
  ticket: z.boolean().optional(),
  failure: Failure.optional()
});
export type JobView = z.infer<typeof JobView>;

export const PrinterView = z.object({
  id: PrinterId,
  name: z.string(),
  location: z.string(),
  grade: DeliveryGrade,
  secure: z.boolean(),
  /** Name of its site; absent while the organization has only one. */
  site: z.string().optional()
});
export type PrinterView = z.infer<typeof PrinterView>;

/** A job in strict custody that somebody wants printed elsewhere, and only this computer can let it go. */
export const ApprovalView = z.object({
  id: GrantId,
  job: JobId,
  title: z.string().nullable(),
  printer: z.string(),
  /** The machine where the owner is signed in. */
  station: z.string(),
  /** The colleague who asks for it, if it is not the owner. */
  delegate: z.string().optional(),
  expires: z.string()
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** A release ticket (strict custody). `text` is a secret, for a QR code: to be shown, kept nowhere. */
export const TicketView = z.object({ job: JobId, expires: z.string(), text: z.string() });
export type TicketView = z.infer<typeof TicketView>;

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
  /** Of a station that is cut off: until when people may release jobs there all the same. */
  offlineUntil: z.string().optional(),
  nodes: z.array(Holder)
});
export type ConnectionView = z.infer<typeof ConnectionView>;

/** What every role knows of itself. */
const machine = {
  device: z.object({ id: DeviceId.nullable(), name: z.string() }),
  pairing: PairingView,
  connection: ConnectionView
};

/** `off`: not wanted on this machine. `changed`: there, but for another address; it is repaired. */
export const InstallationView = z.object({
  state: z.enum(['installed', 'missing', 'changed', 'unsupported', 'off', 'failed']),
  /** Name of the queue as print dialogs show it. */
  queue: z.string(),
  failure: Failure.optional()
});
export type InstallationView = z.infer<typeof InstallationView>;

export const ClientState = z.object({
  ...machine,
  /** Name of the user that this machine prints for. */
  owner: z.string().nullable(),
  virtualPrinter: z.object({
    uri: z.string().nullable(),
    accepting: z.boolean(),
    failure: Failure.optional(),
    /** Its queue in the operating system's print system; null: not looked at yet. */
    installation: InstallationView.nullable().default(null)
  }),
  printers: z.array(PrinterView),
  /** Newest first. */
  jobs: z.array(JobView),
  /** Releases that wait for a word from here. */
  approvals: z.array(ApprovalView).default([])
});
export type ClientState = z.infer<typeof ClientState>;

/** What a station shows. `session` is null while nobody is signed in; then no job is listed either. */
export const StationState = z.object({
  ...machine,
  printers: z.array(PrinterView),
  session: z.object({ user: z.string(), expires: z.string(), jobs: z.array(JobView) }).nullable()
});
export type StationState = z.infer<typeof StationState>;

/** Another node as this one sees it: it suspects who does not answer, and calls dead who had time to object and did not. */
export const MemberView = z.object({
  id: DeviceId,
  name: z.string(),
  state: z.enum(['alive', 'suspect', 'dead', 'left']),
  since: z.string()
});
export type MemberView = z.infer<typeof MemberView>;

/** How many nodes take one for what. */
export const SeenView = z.object({ alive: z.int(), suspect: z.int(), dead: z.int(), left: z.int() });

export const NodeState = z.object({
  ...machine,
  /** Where other machines reach it. */
  url: z.string().nullable(),
  replicas: z.number(),
  members: z.array(MemberView).default([]),
  /** The printer that it shares: its name in people's lists, and where. */
  sharedPrinter: z.object({ name: z.string(), uri: z.string() }).optional()
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
  status: z.enum(['approved', 'suspended', 'revoked']),
  owner: z.string().nullable(),
  url: z.string().nullable(),
  online: z.boolean(),
  /** A node outside of the organization's network: jobs lie there only where the policy says so. */
  cloud: z.boolean().default(false),
  certificateExpires: z.string(),
  site: SiteId
});
export const UserView = z.object({
  id: UserId,
  name: z.string(),
  email: z.string().nullable(),
  status: z.enum(['active', 'suspended']),
  hasPin: z.boolean(),
  /** Of a guest: when the account ends by itself, and who invited them. */
  expires: z.string().nullable().default(null),
  host: UserId.nullable().default(null)
});
export const BadgeView = z.object({
  id: BadgeId,
  user: UserId,
  created: z.string(),
  lastUsed: z.string().nullable()
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
  certificateExpires: z.string().nullable(),
  site: SiteId
});
export const TokenView = z.object({
  id: TokenId,
  roles: z.array(Role),
  /** Nodes that it enrols are cloud nodes. */
  cloud: z.boolean().default(false),
  uses: z.number(),
  maxUses: z.number(),
  expires: z.string(),
  owner: z.string().nullable(),
  /** Of the machines that it enrols. */
  site: SiteId
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
  grant: GrantId.nullable(),
  /** Held, and not to be printed until it is resumed. */
  suspended: z.boolean().default(false)
});
/** A node's signed word that nothing of a job is left there. */
export const ErasureView = z.object({
  node: DeviceId,
  name: z.string(),
  reason: z.string(),
  at: z.string(),
  /** The statement as it was signed: payload (base64url of JSON) and Ed25519 signature. */
  payload: z.string(),
  signature: z.string(),
  /** It fits the key under which the node was approved. */
  valid: z.boolean()
});
export const AdminJobDetails = AdminJobView.extend({
  custody: Custody,
  /** What its holders said; `holders` are those that have still to say so. */
  erasures: z.array(ErasureView),
  /** How the nodes rank for it now; `chosen`: who holds it. */
  why: z.array(PlacementChoice).default([])
});
/** The organization's keys as a whole. */
export const KeyStatus = z.object({
  /** Since when nothing may be opened; null: it may. */
  suspended: z.string().nullable(),
  /** How old a release key grows before the next one is made; 0: only by hand. */
  rotationDays: z.number(),
  nextRotation: z.string().nullable()
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
const policy = {
  replicas: z.number().int().min(1).max(5),
  holdHours: z.number().min(0.5).max(168),
  deliveryGrade: DeliveryGrade,
  /** Whether the printer is told a job's name (its panel, its log) or an opaque one. */
  jobNames: z.enum(['shown', 'opaque']),
  /** Whether nodes may offer a shared printer on the network, where users sign in with their PIN. */
  sharedPrinters: z.boolean(),
  /** Whether a badge signs in at a station: not at all, with the PIN, or by itself. */
  badges: z.enum(['off', 'with-pin', 'alone']),
  /** Who keeps the job part: the coordinator, or the computer that printed, which must then approve each release. */
  custody: Custody,
  /** For how many hours stations let people release jobs while the coordinator cannot be reached; 0: not at all. */
  offlineHours: z.int().min(0).max(72),
  /** How many replicas must be on disk before a job counts as sent; until then its sender keeps it too, where it can. */
  quorum: z.int().min(1).max(5),
  /** Whether jobs may lie on cloud nodes, outside of the organization's network. */
  cloudNodes: CloudNodes
};
export const PolicyChange = z.object(policy).partial();
export const PolicyView = z.object({
  ...policy,
  jobNames: policy.jobNames.default('shown'),
  sharedPrinters: policy.sharedPrinters.default(false),
  badges: policy.badges.default('off'),
  custody: policy.custody.default('standard'),
  offlineHours: policy.offlineHours.default(0),
  quorum: policy.quorum.default(1),
  cloudNodes: policy.cloudNodes.default('deny')
});
export type PolicyView = z.infer<typeof PolicyView>;
