import { z } from 'zod';
import { AuditFilter, AuditForwardTarget, AuditForwardView } from './audit-views.ts';
import {
  ApiTokenId,
  AuditForwardId,
  BadgeId,
  DeviceId,
  GrantId,
  JobId,
  PairingId,
  PrinterId,
  SsoLinkId,
  TokenId,
  UserId,
  WebSessionId
} from './ids.ts';
import { SsoLinkView, SsoSettings, SsoView } from './sso-views.ts';
import {
  AdminJobDetails,
  AdminJobView,
  AdminPrinterView,
  AuditReport,
  AuditRowView,
  BadgeView,
  ClientState,
  DeliveryGrade,
  DeviceView,
  InstallationView,
  JobView,
  KeyStatus,
  NodeState,
  PairingRequestView,
  PolicyChange,
  PolicyView,
  Role,
  StationState,
  TokenView,
  UserView
} from './views.ts';
import {
  AdminAccountView,
  AdminName,
  AdminRole,
  ApiScope,
  ApiTokenView,
  ConsoleStart,
  DayReport,
  NewPassword,
  PasskeyAssertion,
  PasskeyOptions,
  PasskeyRegistration,
  PasskeyView,
  Password,
  PortalJobView,
  SecondFactorCode,
  SignInView,
  WebSessionView
} from './web-views.ts';

/**
 * Every procedure: who may call it, what goes in, what comes out. Two transports serve the table: IPC to the windows, and
 * HTTP (a local socket for the command line, HTTPS for browsers and programs). The caller is known from the channel; it is
 * checked first, then the input is parsed. Nothing else crosses.
 */
export const callers = ['client-window', 'station-window', 'local', 'admin', 'user', 'visitor'] as const;
/**
 * `local`: a program of the same operating system user, on the control socket. The others come over HTTPS: `admin`: an
 * administrator's session or an API token; `user`: a user's session in the portal; `visitor`: anybody.
 */
export type Caller = (typeof callers)[number];

/** What a right is needed for. Auditors may `read`, operators also `manage` and do what is `dangerous`, owners everything. */
export const scopes = ['read', 'manage', 'dangerous', 'owner'] as const;
export type Scope = (typeof scopes)[number];

/** Who may call it, and how. */
interface Access {
  readonly callers: readonly Caller[];
  /** Which right an administrator or an API token needs; none for what concerns only the caller. */
  readonly scope?: Scope;
  /** Changes nothing (RFC 9110, section 9.2.1): may be asked with GET. */
  readonly safe?: true;
  /** In a browser: who calls must have proved to be the one within the last minutes. */
  readonly fresh?: true;
}

const procedure = <Input extends z.ZodType, Output extends z.ZodType>(
  access: Access,
  input: Input,
  output: Output
) => ({ ...access, input, output });

const client: Access = { callers: ['client-window', 'local'] };
const station: Access = { callers: ['station-window', 'local'] };
const anyRole: Access = { callers: ['client-window', 'station-window', 'local'] };
const administrator = ['admin', 'local'] as const;
const admin = {
  read: { callers: administrator, scope: 'read', safe: true },
  /** Only reads, but is written down. */
  record: { callers: administrator, scope: 'read' },
  manage: { callers: administrator, scope: 'manage' },
  /** What cannot be taken back, or decides who may do what. */
  dangerous: { callers: administrator, scope: 'dangerous', fresh: true },
  /** Administrators and what stands in for them. */
  owner: { callers: administrator, scope: 'owner', fresh: true }
} satisfies Record<string, Access>;
/** Their own account: every administrator's, whatever the role. */
const account = {
  read: { callers: ['admin'], safe: true },
  change: { callers: ['admin'], fresh: true }
} satisfies Record<string, Access>;
const session = {
  anybody: { callers: ['visitor', 'admin', 'user'] },
  read: { callers: ['admin', 'user'], safe: true },
  change: { callers: ['admin', 'user'] }
} satisfies Record<string, Access>;
/** A user's own things. */
const portal = {
  read: { callers: ['user'], safe: true },
  change: { callers: ['user'] }
} satisfies Record<string, Access>;

const none = z.object({}).strict();
const done = z.object({});
const Name = z.string().trim().min(1).max(128);
/** Never logged, never echoed. */
const Pin = z.string().regex(/^\d{4,32}$/);
/** What a reader types: letters and digits count, what stands between them does not. Never logged, never echoed. */
const BadgeNumber = z
  .string()
  .max(128)
  .refine((text) => (text.match(/[A-Za-z0-9]/g)?.length ?? 0) >= 4, 'at least four letters or digits');
const Email = z.email().max(254);
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
  /** The owner's word on a release that was asked for elsewhere (`ClientState.approvals`). */
  'client.approve': procedure(client, z.object({ id: GrantId, approved: z.boolean() }), done),
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
  'station.cancel': procedure(station, z.object({ job: JobId }), done),

  'node.state': procedure({ callers: ['local'] }, none, NodeState),

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

  'admin.pairing.list': procedure(admin.read, none, z.array(PairingRequestView)),
  /** `code`: as read on the other screen. It must match; the approval is refused otherwise. */
  'admin.pairing.approve': procedure(
    admin.manage,
    z.object({ id: PairingId, code: z.string().regex(/^\d{6}$/), owner: Name.optional() }),
    DeviceView
  ),
  'admin.pairing.reject': procedure(admin.manage, z.object({ id: PairingId }), done),
  'admin.device.list': procedure(admin.read, none, z.array(DeviceView)),
  'admin.device.revoke': procedure(admin.dangerous, z.object({ id: DeviceId }), done),
  /** Like a revocation that can be taken back: it keeps its keys, and nothing is done with it. */
  'admin.device.suspend': procedure(admin.manage, z.object({ id: DeviceId, suspended: z.boolean() }), done),
  'admin.token.create': procedure(admin.manage, NewToken, TokenView.extend({ token: z.string() })),
  'admin.token.list': procedure(admin.read, none, z.array(TokenView)),
  'admin.token.revoke': procedure(admin.manage, z.object({ id: TokenId }), done),
  'admin.user.list': procedure(admin.read, none, z.array(UserView)),
  'admin.user.add': procedure(
    admin.manage,
    z.object({ name: Name, email: Email.optional(), pin: Pin.optional() }),
    UserView
  ),
  'admin.user.set-email': procedure(admin.manage, z.object({ id: UserId, email: Email.nullable() }), done),
  'admin.user.set-pin': procedure(admin.manage, z.object({ id: UserId, pin: Pin }), done),
  'admin.user.suspend': procedure(admin.manage, z.object({ id: UserId, suspended: z.boolean() }), done),
  'admin.badge.list': procedure(admin.read, z.object({ user: UserId }), z.array(BadgeView)),
  'admin.badge.add': procedure(admin.manage, z.object({ user: UserId, number: BadgeNumber }), BadgeView),
  'admin.badge.remove': procedure(admin.manage, z.object({ id: BadgeId }), done),
  'admin.printer.list': procedure(admin.read, none, z.array(AdminPrinterView)),
  /** Asks the printer for its certificate and capabilities; the printer stays pending until it is approved. */
  'admin.printer.add': procedure(
    admin.manage,
    z.object({ name: Name, uri: z.string().max(512), location: z.string().max(128).default('') }),
    AdminPrinterView
  ),
  /** `certificateSha256`: as compared by the administrator; must be the one that was seen. */
  'admin.printer.approve': procedure(
    admin.manage,
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
  /** Asks the printer once more what it can do; what it answers is offered to those who print. */
  'admin.printer.refresh': procedure(admin.manage, z.object({ id: PrinterId }), AdminPrinterView),
  'admin.printer.remove': procedure(admin.manage, z.object({ id: PrinterId }), done),
  'admin.policy.get': procedure(admin.read, none, PolicyView),
  'admin.policy.set': procedure(admin.dangerous, PolicyChange, PolicyView),
  'admin.job.list': procedure(admin.read, none, z.array(AdminJobView)),
  'admin.job.show': procedure(admin.read, z.object({ id: JobId }), AdminJobDetails),
  'admin.job.cancel': procedure(admin.manage, z.object({ id: JobId }), done),
  'admin.job.suspend': procedure(admin.manage, z.object({ id: JobId, suspended: z.boolean() }), done),
  'admin.key.list': procedure(
    admin.read,
    none,
    z.array(
      z.object({
        epoch: z.number(),
        created: z.string(),
        current: z.boolean(),
        destroyed: z.boolean(),
        /** That are not final and need it. */
        jobs: z.number()
      })
    )
  ),
  /** 0: a new release key only when somebody asks for one. */
  'admin.key.schedule': procedure(admin.dangerous, z.object({ rotationDays: z.number().int().min(0).max(3650) }), done),
  'admin.key.rotate': procedure(admin.dangerous, none, z.object({ epoch: z.number() })),
  'admin.key.destroy': procedure(admin.dangerous, z.object({ epoch: z.number().int() }), done),
  'admin.key.status': procedure(admin.read, none, KeyStatus),
  /** The whole organization: jobs are taken and held, nothing is opened. */
  'admin.key.suspend': procedure(admin.dangerous, z.object({ suspended: z.boolean() }), done),
  /** Oldest first from `after` on; with `newest` the other way round, from `before` on. */
  'admin.audit.list': procedure(
    admin.read,
    AuditFilter.extend({
      after: z.number().int().default(0),
      before: z.number().int().positive().optional(),
      newest: z.boolean().optional(),
      limit: z.number().int().min(1).max(1000).default(200)
    }),
    z.array(AuditRowView)
  ),
  'admin.audit.verify': procedure(admin.read, none, AuditReport),
  /**
   * One page of a file that is put together from all of them (docs/spec/audit.md): begin with `first`, go on with `after` as
   * `next` said, until that is null. Each page is written down in the log, which is why this is no GET.
   */
  'admin.audit.export': procedure(
    admin.record,
    AuditFilter.extend({
      format: z.enum(['jsonl', 'csv']).default('jsonl'),
      after: z.number().int().min(0).default(0),
      first: z.boolean().default(true)
    }),
    z.object({ text: z.string(), next: z.number().nullable() })
  ),
  /** Where each row of the log is sent as it is written. */
  'admin.audit.forward.list': procedure(admin.read, none, z.array(AuditForwardView)),
  /** From now on, or with `after` from an earlier row on. `secret`: of a webhook's signatures, shown this once. */
  'admin.audit.forward.add': procedure(
    admin.dangerous,
    z.object({ name: Name, target: AuditForwardTarget, after: z.number().int().min(0).optional() }),
    AuditForwardView.extend({ secret: z.string().nullable() })
  ),
  'admin.audit.forward.remove': procedure(admin.dangerous, z.object({ id: AuditForwardId }), done),
  /** Sends a message that is no row. Answers `receiver-unreachable` with what went wrong. */
  'admin.audit.forward.test': procedure(admin.manage, z.object({ id: AuditForwardId }), done),
  /**
   * Keys and database, sealed to a recovery passphrase, into a new file of the coordinator's machine; whoever has both has the
   * organization. Not over the network.
   */
  'admin.backup.create': procedure(
    { callers: ['local'] },
    z.object({ path: z.string().min(1).max(4096), passphrase: NewPassword }),
    z.object({ id: z.uuid(), bytes: z.number() })
  ),
  /** Jobs that ended on each of the last days, today last, days without any included. Days begin at midnight UTC. */
  'admin.report.daily': procedure(
    admin.read,
    z.object({ days: z.number().int().min(1).max(366).default(14) }),
    z.array(DayReport)
  ),
  'admin.mesh.status': procedure(admin.read, none, z.object({ nodes: z.array(DeviceView) })),

  'admin.admin.list': procedure(admin.read, none, z.array(AdminAccountView)),
  /** `password`: shown this once, to be changed at the first sign-in. */
  'admin.admin.add': procedure(
    admin.owner,
    z.object({ name: AdminName, role: AdminRole }),
    AdminAccountView.extend({ password: z.string() })
  ),
  /** The last owner stays one. */
  'admin.admin.set-role': procedure(admin.owner, z.object({ name: AdminName, role: AdminRole }), AdminAccountView),
  /** A new password to be changed at the next sign-in; second factors are taken away, sessions ended. */
  'admin.admin.reset': procedure(admin.owner, z.object({ name: AdminName }), z.object({ password: z.string() })),
  /** Ends their sessions and revokes the API tokens that they made. */
  'admin.admin.remove': procedure(admin.owner, z.object({ name: AdminName }), done),
  /** `token`: shown this once. */
  'admin.api-token.create': procedure(
    admin.owner,
    z.object({
      name: Name,
      scopes: z.array(ApiScope).min(1).max(64),
      days: z.number().positive().max(366).default(90)
    }),
    ApiTokenView.extend({ token: z.string() })
  ),
  'admin.api-token.list': procedure(admin.read, none, z.array(ApiTokenView)),
  'admin.api-token.revoke': procedure(admin.manage, z.object({ id: ApiTokenId }), done),
  /** Null: nobody signs in through a provider. */
  'admin.sso.get': procedure(admin.read, none, SsoView.nullable()),
  /**
   * Asks the provider first. `clientSecret`: null for a client without; left out it stays, as long as it goes to the same
   * client of the same provider.
   */
  'admin.sso.set': procedure(
    admin.owner,
    SsoSettings.extend({ clientSecret: z.string().min(1).max(1024).nullable().optional() }),
    SsoView
  ),
  /** Ends nobody's session; who is whom stays known for the case that it is set up again. */
  'admin.sso.remove': procedure(admin.owner, none, done),
  'admin.sso.link.list': procedure(admin.read, none, z.array(SsoLinkView)),
  /** The next sign-in of this person is a first one. */
  'admin.sso.link.remove': procedure(admin.owner, z.object({ id: SsoLinkId }), done),

  /** Whoever opens the page asks this first. `passkeys`: whether this address can have them (a host name, not a number). */
  'session.get': procedure(
    { ...session.anybody, safe: true },
    none,
    z.object({ organization: z.string(), passkeys: z.boolean(), session: WebSessionView.nullable() })
  ),
  /** Answers `second-factor-required` when the password is right and `code` is missing. */
  'session.sign-in': procedure(
    session.anybody,
    z.object({ name: AdminName, password: Password, code: SecondFactorCode.optional() }),
    WebSessionView
  ),
  /** What navigator.credentials.get() wants, for a sign-in or to confirm a session; for one try within two minutes. */
  'session.passkey-begin': procedure(session.anybody, none, PasskeyOptions),
  'session.passkey-sign-in': procedure(session.anybody, z.object({ response: PasskeyAssertion }), WebSessionView),
  /** A user of the portal. */
  'session.user-sign-in': procedure(session.anybody, z.object({ user: Name, pin: Pin }), WebSessionView),
  /** Proves once more who is there, before what is dangerous. */
  'session.confirm': procedure(
    { callers: ['admin'] },
    z.union([
      z.object({ password: Password, code: SecondFactorCode.optional() }),
      z.object({ response: PasskeyAssertion })
    ]),
    WebSessionView
  ),
  /** Somebody is there: idleness is counted from now. */
  'session.stay': procedure(session.change, none, z.object({ idleEnd: z.string() })),
  'session.sign-out': procedure(session.change, none, done),
  'session.list': procedure(session.read, none, z.array(SignInView)),
  'session.end': procedure(session.change, z.object({ id: WebSessionId }), done),
  'session.end-others': procedure(session.change, none, done),

  /** The provider that the sign-in page offers; null: none. */
  'sso.get': procedure({ ...session.anybody, safe: true }, none, z.object({ name: z.string() }).nullable()),
  /** Where the browser goes next. Who is signed in as a user links the account to the one that they then sign in with. */
  'sso.begin': procedure(session.anybody, z.object({ as: z.enum(['user', 'admin']) }), z.object({ url: z.string() })),
  /** Where a browser goes after `session.sign-out` so that the provider forgets it too; null: it cannot. */
  'sso.leave': procedure(session.read, none, z.object({ url: z.string().nullable() })),

  /** Ends the other sessions. */
  'account.set-password': procedure(account.change, z.object({ password: NewPassword }), WebSessionView),
  /** `uri`: otpauth:, for a QR code; it counts once a code of it was confirmed. */
  'account.totp-begin': procedure(account.change, none, z.object({ uri: z.string(), secret: z.string() })),
  /** Recovery codes: shown this once, each works once. */
  'account.totp-confirm': procedure(
    account.change,
    z.object({ code: z.string().regex(/^\d{6}$/) }),
    z.object({ recoveryCodes: z.array(z.string()) })
  ),
  'account.totp-remove': procedure(account.change, none, done),
  'account.recovery-codes': procedure(account.change, none, z.object({ recoveryCodes: z.array(z.string()) })),
  /** What navigator.credentials.create() wants. */
  'account.passkey-begin': procedure(account.change, none, PasskeyOptions),
  'account.passkey-add': procedure(
    account.change,
    z.object({ name: Name, response: PasskeyRegistration }),
    PasskeyView
  ),
  'account.passkey-list': procedure(account.read, none, z.array(PasskeyView)),
  'account.passkey-remove': procedure(account.change, z.object({ id: z.string().max(1366) }), done),

  /** A user's own jobs, newest first: sizes and states, never titles. */
  'portal.job.list': procedure(portal.read, none, z.array(PortalJobView)),
  'portal.job.cancel': procedure(portal.change, z.object({ id: JobId }), done),
  /** Machines that print for this user. */
  'portal.device.list': procedure(portal.read, none, z.array(DeviceView)),
  /** The present PIN, if there is one, is asked for once more; wrong ones count as at a station. Ends the user's other sessions. */
  'portal.pin.set': procedure(portal.change, z.object({ pin: Pin.optional(), newPin: Pin }), done),
  'portal.badge.list': procedure(portal.read, none, z.array(BadgeView)),
  /** With the PIN, because a badge may sign in by itself afterwards. */
  'portal.badge.add': procedure(portal.change, z.object({ pin: Pin, number: BadgeNumber }), BadgeView),
  'portal.badge.remove': procedure(portal.change, z.object({ id: BadgeId }), done),

  /** Everything that the console's first page shows. */
  'console.start': procedure({ callers: ['admin'], safe: true }, none, ConsoleStart)
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
