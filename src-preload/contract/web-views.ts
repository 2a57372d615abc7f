import { z } from 'zod';
import { ApiTokenId, JobId, UserId, WebSessionId } from './ids.ts';
import { JobState } from './views.ts';

/** What the browser is shown of sign-ins, administrators and API tokens. Times are RFC 3339 in UTC. */

/** Auditors see, operators run the place, owners also say who administers it. */
export const adminRoles = ['owner', 'operator', 'auditor'] as const;
export const AdminRole = z.enum(adminRoles);
export type AdminRole = z.infer<typeof AdminRole>;

/** Lower case, so that one name has one text. */
export const AdminName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,62}$/);
/** Never logged, never echoed. NIST SP 800-63B: length counts, composition does not. */
export const NewPassword = z.string().min(12).max(256);
export const Password = z.string().min(1).max(256);
/** Six digits of an authenticator, or a recovery code. */
export const SecondFactorCode = z.string().trim().min(6).max(32);

export const SignedInAs = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('admin'),
    name: z.string(),
    role: AdminRole,
    /** The password came from somebody else: nothing else can be done before it is changed. */
    mustChangePassword: z.boolean(),
    secondFactor: z.object({ totp: z.boolean(), passkeys: z.number(), recoveryCodes: z.number() })
  }),
  z.object({ kind: z.literal('user'), id: UserId, name: z.string() })
]);
export type SignedInAs = z.infer<typeof SignedInAs>;

export const WebSessionView = z.object({
  as: SignedInAs,
  /** For the header `x-letterlock-csrf` of every POST of this session. */
  csrf: z.string(),
  /** When it ends if nothing is done until then, and when it ends in any case. */
  idleEnd: z.string(),
  end: z.string(),
  /** Until then dangerous acts need no further proof. */
  freshUntil: z.string()
});
export type WebSessionView = z.infer<typeof WebSessionView>;

/** One place where somebody is signed in. */
export const SignInView = z.object({
  id: WebSessionId,
  current: z.boolean(),
  created: z.string(),
  lastUsed: z.string(),
  address: z.string(),
  /** The browser's own words about itself. */
  agent: z.string()
});

export const AdminAccountView = z.object({
  name: z.string(),
  role: AdminRole,
  created: z.string(),
  lastSignIn: z.string().nullable(),
  mustChangePassword: z.boolean(),
  totp: z.boolean(),
  passkeys: z.number()
});

export const PasskeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** The host name that it was made for; it works nowhere else. */
  host: z.string(),
  created: z.string(),
  lastUsed: z.string().nullable()
});

const Bytes = z.string().max(16_384);
const credential = {
  id: z.string().max(1366),
  rawId: z.string().max(1366),
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional()
};
/** RegistrationResponseJSON and AuthenticationResponseJSON of Web Authentication Level 3, section 5.1. */
export const PasskeyRegistration = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: Bytes,
    attestationObject: Bytes,
    transports: z.array(z.string().max(32)).max(8).optional()
  })
});
export const PasskeyAssertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: Bytes,
    authenticatorData: Bytes,
    signature: Bytes,
    userHandle: z.string().max(128).optional()
  })
});
/** PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON, for the browser as they are. */
export const PasskeyOptions = z.record(z.string(), z.unknown());

/** `area:right`; the area is the second word of a procedure's name, `*` means all. Each right includes those before it. */
export const ApiScope = z.string().regex(/^(\*|[a-z-]{1,32}):(read|manage|dangerous)$/);
export const ApiTokenView = z.object({
  id: ApiTokenId,
  name: z.string(),
  scopes: z.array(ApiScope),
  createdBy: z.string(),
  created: z.string(),
  expires: z.string(),
  lastUsed: z.string().nullable()
});

/** What is still to be done before anybody can print. */
export const SetupView = z.object({
  passwordChanged: z.boolean(),
  secondFactor: z.boolean(),
  node: z.boolean(),
  printer: z.boolean(),
  user: z.boolean(),
  client: z.boolean()
});

/** The console's first page in one answer. */
export const ConsoleStart = z.object({
  organization: z.object({ id: z.string(), name: z.string() }),
  session: WebSessionView,
  setup: SetupView,
  overview: z.object({
    devices: z.object({ approved: z.number(), online: z.number() }),
    nodes: z.object({ approved: z.number(), online: z.number() }),
    pairingRequests: z.number(),
    printers: z.object({ approved: z.number(), pending: z.number() }),
    users: z.object({ active: z.number(), suspended: z.number() }),
    /** Of the jobs in `admin.job.list`, by state. */
    jobs: z.record(z.string(), z.number()),
    auditRows: z.number()
  }),
  /** The change that this is up to date with: `Last-Event-ID` for `/api/events`. */
  cursor: z.string()
});

/** How many jobs ended on one day (UTC), and how. What was never printed is paper saved. */
export const DayReport = z.object({
  /** Calendar day, YYYY-MM-DD. */
  day: z.iso.date(),
  printed: z.number(),
  /** Expired, unprinted. */
  erased: z.number(),
  canceled: z.number()
});

/** A job as its owner sees it in the portal, where no title can be read. */
export const PortalJobView = z.object({
  id: JobId,
  state: JobState,
  size: z.number(),
  created: z.string(),
  expires: z.string(),
  printer: z.string().nullable(),
  /** Whether a machine that holds it answers. */
  reachable: z.boolean()
});

/**
 * What `/api/events` sends as `change`: read again what you show of these. `reset` instead: more has changed than is
 * remembered; read everything again.
 */
export const ChangeEvent = z.object({ changes: z.array(z.object({ area: z.string(), ids: z.array(z.string()) })) });
export type ChangeEvent = z.infer<typeof ChangeEvent>;
