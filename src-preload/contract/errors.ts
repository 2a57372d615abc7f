/**
 * Every error a user, a client program or an administrator can meet: stable code, what happened, what to do next.
 * The code is the interface (scripts and tests match it); the words may change. `status` is the HTTP status it travels
 * with, `exit` the exit code of the command line.
 */
interface PublicError {
  readonly message: string;
  readonly next: string;
  readonly status: number;
  readonly exit: number;
}

const usage = 2;
const refused = 3;
const unreachable = 4;
const failed = 5;

export const publicErrors = {
  'input-invalid': {
    message: 'The request was not understood.',
    next: 'Check the value named in the detail.',
    status: 400,
    exit: usage
  },
  'too-large': {
    message: 'The request is larger than allowed.',
    next: 'Send less, or ask an administrator to raise the limit.',
    status: 413,
    exit: usage
  },
  'not-found': {
    message: 'There is no such thing here.',
    next: 'List what there is and use an id from the list.',
    status: 404,
    exit: usage
  },
  conflict: {
    message: 'This cannot be done in the current state.',
    next: 'Look at the current state, then try again.',
    status: 409,
    exit: refused
  },
  'not-allowed': {
    message: 'This caller may not do that.',
    next: 'Use an account or machine that has this role.',
    status: 403,
    exit: refused
  },
  'not-paired': {
    message: 'This machine is not paired.',
    next: 'Pair it: `letterlock pair`, or the pairing screen.',
    status: 403,
    exit: refused
  },
  'device-not-approved': {
    message: 'This machine is not approved, or its approval was withdrawn.',
    next: 'Ask an administrator to approve it.',
    status: 403,
    exit: refused
  },
  'certificate-invalid': {
    message: 'The certificate of the other side is not one that this organization issued.',
    next: 'Pair the machine again; if that was unexpected, tell your administrator.',
    status: 403,
    exit: refused
  },
  'pairing-expired': {
    message: 'The pairing request has expired.',
    next: 'Start pairing again.',
    status: 410,
    exit: refused
  },
  'pairing-rejected': {
    message: 'The pairing request was rejected.',
    next: 'Ask your administrator why, then start again.',
    status: 403,
    exit: refused
  },
  'pairing-code-mismatch': {
    message: 'The two codes are not the same.',
    next: 'Do not approve: somebody may be in between. Start pairing again.',
    status: 403,
    exit: refused
  },
  'invitation-invalid': {
    message: 'This invitation is unknown, used, withdrawn or over.',
    next: 'Ask whoever invited you for a new one.',
    status: 403,
    exit: refused
  },
  'sign-in-link-invalid': {
    message: 'This link is unknown, used or over.',
    next: 'Ask for a new one on the sign-in page.',
    status: 403,
    exit: refused
  },
  'sign-in-link-elsewhere': {
    message: 'This link was asked for in another browser. It works only there.',
    next: 'Open it in the browser where you asked for it. If you did not ask, leave it: nobody is signed in by it.',
    status: 403,
    exit: refused
  },
  'token-invalid': {
    message: 'The enrollment token is unknown, used up or expired.',
    next: 'Ask for a new token.',
    status: 403,
    exit: refused
  },
  'pin-wrong': { message: 'The name or the PIN is not right.', next: 'Try again.', status: 401, exit: refused },
  'pin-required': { message: 'This badge needs the PIN too.', next: 'Type your PIN.', status: 401, exit: refused },
  'pin-weak': {
    message: 'This PIN is too easy to guess.',
    next: 'Choose another one. The detail says what is wrong with it.',
    status: 422,
    exit: refused
  },
  'pin-locked': {
    message: 'Too many wrong PINs.',
    next: 'Wait until the time given, then try again.',
    status: 429,
    exit: refused
  },
  'session-expired': { message: 'You have been signed out.', next: 'Sign in again.', status: 401, exit: refused },
  'sign-in-refused': {
    message: 'The name, the password or the code is not right.',
    next: 'Try again.',
    status: 401,
    exit: refused
  },
  'sign-in-locked': {
    message: 'Too many wrong tries to sign in.',
    next: 'Wait until the time given, then try again. A passkey works at once.',
    status: 429,
    exit: refused
  },
  'second-factor-required': {
    message: 'A code is needed too.',
    next: 'Type the code of your authenticator, or a recovery code.',
    status: 401,
    exit: refused
  },
  'sign-on-refused': {
    message: 'The single sign-on was not accepted.',
    next: 'See the detail. Try again, or ask an administrator.',
    status: 403,
    exit: refused
  },
  'identity-provider-unreachable': {
    message: 'The identity provider of your organization does not answer as it should.',
    next: 'Try again in a moment. A PIN or password of Letterlock works without it.',
    status: 502,
    exit: unreachable
  },
  'confirmation-required': {
    message: 'This needs a fresh proof of who you are.',
    next: 'Confirm with your password and code, or with a passkey.',
    status: 403,
    exit: refused
  },
  'password-change-required': {
    message: 'Your password was given to you by somebody else.',
    next: 'Change it first.',
    status: 403,
    exit: refused
  },
  'no-owner': {
    message: 'No user is assigned to this machine.',
    next: 'Ask an administrator to assign one.',
    status: 403,
    exit: refused
  },
  'job-not-releasable': {
    message: 'This job cannot be released now.',
    next: 'Look at its state.',
    status: 409,
    exit: refused
  },
  'job-already-released': {
    message: 'This job was already released.',
    next: 'Nothing to do. Print it again if you need another copy.',
    status: 409,
    exit: refused
  },
  'job-in-progress': {
    message: 'This job is being released elsewhere right now.',
    next: 'Wait a moment and look at its state.',
    status: 409,
    exit: refused
  },
  'job-uncertain': {
    message: 'It is not certain whether this job was printed.',
    next: 'Look at the printer. Then release it again with consent to a possible second copy, or cancel it.',
    status: 409,
    exit: failed
  },
  'job-expired': {
    message: 'This job was kept for as long as it may be and has been erased.',
    next: 'Print it again.',
    status: 410,
    exit: refused
  },
  'printer-not-approved': {
    message: 'This printer is not approved.',
    next: 'Choose another printer, or ask an administrator.',
    status: 403,
    exit: refused
  },
  'printer-certificate-changed': {
    message: 'The printer shows another certificate than the approved one.',
    next: 'Ask an administrator to compare and approve the new one. The job stays held.',
    status: 502,
    exit: failed
  },
  'printer-not-secure': {
    message: 'This job may only be delivered over IPPS and this printer does not offer it.',
    next: 'Choose another printer, or ask an administrator.',
    status: 409,
    exit: refused
  },
  'printer-unreachable': {
    message: 'The printer does not answer.',
    next: 'Check that it is on, or choose another one. The job stays held.',
    status: 502,
    exit: unreachable
  },
  'printer-refused': {
    message: 'The printer refused the job.',
    next: 'See the detail. The job stays held.',
    status: 502,
    exit: failed
  },
  'format-not-supported': {
    message: 'This kind of document cannot be printed there.',
    next: 'Choose another printer, or print the document in another format.',
    status: 422,
    exit: refused
  },
  'grant-invalid': {
    message: 'This release grant is not valid here.',
    next: 'Release the job again.',
    status: 403,
    exit: refused
  },
  'grant-expired': {
    message: 'This release grant has expired.',
    next: 'Release the job again.',
    status: 403,
    exit: refused
  },
  'grant-used': {
    message: 'This release grant was already used.',
    next: 'Release the job again if it was not printed.',
    status: 409,
    exit: refused
  },
  'approval-unavailable': {
    message: 'This document is in strict custody, and the computer that printed it is not connected.',
    next: 'Wake that computer up and connect it, then release again; or show a release ticket that you took there.',
    status: 503,
    exit: unreachable
  },
  'approval-declined': {
    message: 'The release was not approved on the computer that printed the document.',
    next: 'The job stays held. If you did not decline it yourself, tell your administrator.',
    status: 403,
    exit: refused
  },
  'approval-expired': {
    message: 'Nobody approved the release on the computer that printed the document.',
    next: 'The job stays held. Release it again and confirm on that computer.',
    status: 410,
    exit: refused
  },
  'ticket-invalid': {
    message: 'This is not a ticket for a document of this organization, or it is damaged.',
    next: 'Show it again. If that does not help, take a new one on the computer that you printed from.',
    status: 403,
    exit: refused
  },
  'ticket-expired': {
    message: 'This ticket is too old.',
    next: 'Take a new one on the computer that you printed from, or confirm the release there.',
    status: 410,
    exit: refused
  },
  'ticket-not-listed': {
    message:
      'This ticket is for a document that does not wait for you here: it was printed or erased, or it is not yours.',
    next: 'Look which documents wait for you, and show the ticket of one of them.',
    status: 404,
    exit: refused
  },
  suspended: {
    message: 'An administrator has suspended this for now. It stays sealed.',
    next: 'Nothing is lost. Ask an administrator to resume it.',
    status: 423,
    exit: refused
  },
  'policy-refused': {
    message: 'The policy of your organization does not allow this.',
    next: 'See the rule in the detail.',
    status: 403,
    exit: refused
  },
  'seal-broken': {
    message: 'The sealed job was damaged or changed. Nothing more of it was delivered.',
    next: 'Release it from another copy, or print it again.',
    status: 422,
    exit: failed
  },
  'key-destroyed': {
    message: 'A key that this job needs was destroyed. It can never be opened again.',
    next: 'Print it again.',
    status: 410,
    exit: failed
  },
  'upload-truncated': { message: 'The document ended too early.', next: 'Print it again.', status: 400, exit: failed },
  'digest-mismatch': {
    message: 'What arrived is not what was sent.',
    next: 'It is sent again by itself.',
    status: 422,
    exit: failed
  },
  'storage-full': {
    message: 'There is not enough space.',
    next: 'Make room on this machine, or ask an administrator for another node.',
    status: 507,
    exit: failed
  },
  'storage-damaged': {
    message: 'A file on this machine is damaged. It was set aside.',
    next: 'Run `letterlock doctor`.',
    status: 500,
    exit: failed
  },
  'keys-outdated': {
    message: 'The keys in this data folder are not those of its database any more: they were replaced without it.',
    next: 'Make a key bundle at a coordinator that runs, and let this one join with it in an empty data folder. A single coordinator needs the folder that belongs to its database, or its newest backup.',
    status: 500,
    exit: failed
  },
  'backup-unreadable': {
    message: 'This is no backup, or it is damaged, or the passphrase is another one.',
    next: 'Try the passphrase again, or another copy of the file. Nothing was restored.',
    status: 422,
    exit: failed
  },
  'database-unreachable': {
    message: 'The coordinator’s database does not answer.',
    next: 'Check that the database server runs and lets the coordinator in. Nothing that was confirmed is lost.',
    status: 503,
    exit: unreachable
  },
  'node-unreachable': {
    message: 'No machine that holds this job answers.',
    next: 'It stays held. Try again when one is on.',
    status: 503,
    exit: unreachable
  },
  'node-reconciling': {
    message: 'This machine has just come back and finds out which jobs were erased meanwhile.',
    next: 'Wait a moment, or release the job from another holder.',
    status: 503,
    exit: unreachable
  },
  'coordinator-unreachable': {
    message: 'The coordinator does not answer.',
    next: 'Printing goes on and jobs wait sealed. Try the release again when the network is back.',
    status: 503,
    exit: unreachable
  },
  'offline-refused': {
    message: 'This cannot be released while the coordinator cannot be reached.',
    next: 'The document waits sealed. Try again when the network is back.',
    status: 503,
    exit: refused
  },
  'claim-elsewhere': {
    message: 'Somebody else may be printing this job, or too few nodes could say that nobody is.',
    next: 'Nothing was printed. Try again when more nodes and the coordinator can be reached.',
    status: 409,
    exit: refused
  },
  'engine-unreachable': {
    message: 'Letterlock is not running here.',
    next: 'Start it, or name its data folder with --data.',
    status: 503,
    exit: unreachable
  },
  'print-system-unavailable': {
    message: 'The print system of this computer does not answer.',
    next: 'Install or start it (CUPS, or the Windows print spooler), then run `letterlock printer install`.',
    status: 503,
    exit: unreachable
  },
  'print-system-refused': {
    message: 'The print system of this computer did not accept the change to its printers.',
    next: 'Ask an administrator of this computer: `letterlock printer install --dry-run` shows what to do.',
    status: 403,
    exit: refused
  },
  'queue-taken': {
    message: 'Another printer of this computer has the name already.',
    next: 'Rename or remove that printer, then run `letterlock printer install`.',
    status: 409,
    exit: refused
  },
  'audit-broken': {
    message: 'The audit log is not intact.',
    next: 'See the row in the detail. Keep the file as evidence.',
    status: 500,
    exit: failed
  },
  'receiver-unreachable': {
    message: 'The receiver of the audit log did not take what was sent.',
    next: 'Check its address, its certificate and that it runs. Nothing is lost: rows are sent again.',
    status: 502,
    exit: unreachable
  },
  'mail-not-sent': {
    message: 'The mail server did not take the mail.',
    next: 'See the detail. Check its address, its certificate, user and password: `letterlock admin mail`.',
    status: 502,
    exit: unreachable
  },
  'rate-limited': { message: 'Too many requests.', next: 'Wait a moment, then try again.', status: 429, exit: refused },
  internal: {
    message: 'Something went wrong in Letterlock.',
    next: 'Try again. If it stays, run `letterlock doctor` and report it.',
    status: 500,
    exit: failed
  }
} as const satisfies Record<string, PublicError>;

export type ErrorCode = keyof typeof publicErrors;
export const errorCodes = Object.keys(publicErrors) as ErrorCode[];
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(publicErrors, value);

/** How every result crosses a process or a network boundary. `detail` is safe to show: it never holds a secret. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly detail?: string };
