import type { ErrorCode, EventName, Procedure } from '../../src-preload/contract/index.ts';
import { type Row, row } from './row.ts';

/**
 * Every procedure of the contract. `access` is what the table has decided, in words; the test compares it with what the
 * contract says: callers, the right of an administrator or token, `confirmed` (a fresh proof of who it is), `GET` (no effect).
 */
export interface ProcedureRow extends Row {
  readonly access: string;
}

const read = 'admin with read; local; GET';
const recorded = 'admin with read; local';
const manage = 'admin with manage; local';
const dangerous = 'admin with dangerous, confirmed; local';
const owner = 'admin with owner, confirmed; local';
const account = 'admin, confirmed';
const clientWindow = 'client-window; local';
const stationWindow = 'station-window; local';
const anyWindow = 'client-window; station-window; local';
const signedIn = 'admin; user';
const portal = 'user';

const may = (access: string, against: string, verified = '', ...refusals: ErrorCode[]): ProcedureRow => ({
  ...row(against, verified, ...refusals),
  access
});

export const procedureRows: Readonly<Record<string, ProcedureRow>> = {
  'client.state': may(clientWindow, ''),
  'client.release': may(
    clientWindow,
    'everything that POST /v1/grants checks',
    'PIN, by the coordinator',
    'pin-wrong',
    'pin-locked'
  ),
  'client.cancel': may(clientWindow, 'job is of this machine; the coordinator checks again', '', 'not-found'),
  'client.approve': may(clientWindow, 'the question is open; the coordinator checks again', '', 'not-found'),
  'client.ticket': may(
    clientWindow,
    'job is of this machine, held, in strict custody; everything that POST /v1/jobs/:job/ticket checks',
    'PIN, by the coordinator',
    'not-found',
    'conflict',
    'pin-wrong',
    'pin-locked'
  ),
  'client.printer.install': may(clientWindow, 'the print system checks its own rules', '', 'print-system-refused'),
  'client.printer.remove': may(clientWindow, 'the print system checks its own rules', '', 'print-system-refused'),

  'station.state': may(stationWindow, ''),
  'station.sign-in': may(
    stationWindow,
    'everything that POST /v1/sessions checks',
    'PIN, by the coordinator',
    'pin-wrong',
    'pin-locked'
  ),
  'station.sign-out': may(stationWindow, ''),
  'station.stay': may(stationWindow, 'somebody is signed in', '', 'session-expired'),
  'station.release': may(
    stationWindow,
    'somebody is signed in; everything that POST /v1/grants checks',
    '',
    'session-expired'
  ),
  'station.ticket': may(
    stationWindow,
    'somebody is signed in; job is in their list; the machine that signed the ticket is approved now, and printed the job',
    'ticket: layout, signature, end; its job part opens the title that a node keeps',
    'session-expired',
    'ticket-invalid',
    'ticket-expired',
    'ticket-not-listed',
    'node-unreachable'
  ),
  'station.cancel': may(
    stationWindow,
    'somebody is signed in; job is theirs: the coordinator checks',
    '',
    'session-expired'
  ),

  'node.state': may('local', ''),
  'node.leave': may('local', ''),
  'node.stay': may('local', ''),

  'pairing.begin': may(
    anyWindow,
    'not paired yet',
    'code or token; what the coordinator hands out holds together',
    'conflict'
  ),
  'pairing.cancel': may(anyWindow, ''),

  'admin.pairing.list': may(read, ''),
  'admin.pairing.approve': may(
    manage,
    'request revealed, undecided, not over; owner active; site exists',
    'the code from the other screen, three tries',
    'pairing-code-mismatch',
    'pairing-expired',
    'conflict'
  ),
  'admin.pairing.reject': may(manage, 'request undecided', '', 'conflict'),
  'admin.device.list': may(read, ''),
  'admin.device.revoke': may(dangerous, 'device exists', '', 'not-found'),
  'admin.device.suspend': may(manage, 'device exists', '', 'not-found'),
  'admin.device.cloud': may(dangerous, 'device is approved, and a node', '', 'not-found'),
  'admin.device.move': may(manage, 'device is approved; site exists', '', 'not-found'),
  'admin.site.list': may(read, ''),
  'admin.site.create': may(manage, 'id is free', '', 'conflict'),
  'admin.site.rename': may(manage, 'site exists', '', 'not-found'),
  'admin.site.remove': may(
    dangerous,
    'site exists, is not the first, and nothing belongs to it or names it',
    '',
    'not-found',
    'conflict'
  ),
  'admin.token.create': may(manage, 'owner and site exist', '', 'not-found'),
  'admin.token.list': may(read, ''),
  'admin.token.revoke': may(manage, 'token exists', '', 'not-found'),
  'admin.user.list': may(read, ''),
  'admin.user.add': may(manage, 'name is free', 'PIN: rules', 'conflict', 'pin-weak'),
  'admin.user.set-pin': may(manage, 'user exists', 'PIN: rules', 'not-found', 'pin-weak'),
  'admin.user.suspend': may(manage, 'user exists', '', 'not-found'),
  'admin.user.set-email': may(manage, 'user exists; address is free', '', 'not-found', 'conflict'),
  'admin.user.remove': may(dangerous, 'user exists', '', 'not-found'),
  'admin.user.rules': may(read, ''),
  'admin.user.set-rules': may(dangerous, 'bounds of each rule; group exists', '', 'not-found'),
  'admin.group.list': may(read, ''),
  'admin.group.add': may(manage, 'name is free', '', 'conflict'),
  'admin.group.remove': may(manage, 'group exists and was made here', '', 'not-found', 'not-allowed'),
  'admin.group.set-members': may(manage, 'group exists and was made here; users exist', '', 'not-found', 'not-allowed'),
  'admin.invitation.list': may(read, ''),
  'admin.invitation.create': may(manage, 'name and address are one person’s, who is active', '', 'conflict'),
  'admin.invitation.revoke': may(manage, 'invitation is open', '', 'not-found'),
  'admin.badge.list': may(read, ''),
  'admin.badge.add': may(manage, 'user exists; badge is nobody’s', 'a keyed hash is kept', 'not-found', 'conflict'),
  'admin.badge.remove': may(manage, 'badge exists', '', 'not-found'),
  'admin.printer.list': may(read, ''),
  'admin.printer.add': may(
    manage,
    'printer answers; site exists',
    'its certificate is read, not believed',
    'printer-unreachable',
    'not-found'
  ),
  'admin.printer.approve': may(
    manage,
    'printer exists',
    'certificate is the one that was seen and compared',
    'printer-certificate-changed'
  ),
  'admin.printer.move': may(manage, 'printer was not removed; site exists', '', 'not-found', 'conflict'),
  'admin.printer.refresh': may(manage, 'printer exists and answers', 'its pinned certificate', 'printer-unreachable'),
  'admin.printer.remove': may(manage, 'printer exists', '', 'not-found'),
  'admin.policy.get': may(read, ''),
  'admin.policy.set': may(dangerous, 'bounds of each setting; the version that was seen, if one was', '', 'conflict'),
  'admin.policy.show': may(read, ''),
  'admin.policy.rule.set': may(
    dangerous,
    'bounds of each part; user, group, printer and site exist; the version that was seen, if one was',
    '',
    'not-found',
    'conflict',
    'too-large'
  ),
  'admin.policy.rule.remove': may(
    dangerous,
    'rule exists; the version that was seen, if one was',
    '',
    'not-found',
    'conflict'
  ),
  'admin.policy.history': may(read, ''),
  'admin.policy.preview': may(read, ''),
  'admin.policy.explain': may(read, 'user and printer exist', '', 'not-found'),
  'admin.policy.why': may(read, ''),
  'admin.policy.usage': may(read, ''),
  'admin.job.list': may(read, ''),
  'admin.job.show': may(read, 'job exists', 'receipts: signature of each node', 'not-found'),
  'admin.job.cancel': may(manage, 'state of the job', '', 'not-found', 'job-in-progress', 'job-already-released'),
  'admin.job.suspend': may(manage, 'job exists', '', 'not-found'),
  'admin.key.list': may(read, ''),
  'admin.key.status': may(read, ''),
  'admin.key.schedule': may(dangerous, ''),
  'admin.key.suspend': may(dangerous, ''),
  'admin.key.rotate': may(dangerous, 'site exists', '', 'not-found'),
  'admin.key.rotate-master': may(dangerous, 'every listed coordinator has it on its disk', '', 'conflict'),
  'admin.key.authority': may(read, ''),
  'admin.key.renew-authority': may(
    dangerous,
    'every listed coordinator has it on its disk; no machine has a living certificate of the authority before',
    '',
    'conflict'
  ),
  'admin.key.destroy': may(dangerous, 'epoch exists and is not the current one', '', 'not-found', 'conflict'),
  'admin.audit.list': may(read, ''),
  'admin.audit.verify': may(read, ''),
  'admin.audit.export': may(recorded, ''),
  'admin.audit.forward.list': may(read, ''),
  'admin.audit.forward.add': may(dangerous, 'at most 16', '', 'conflict'),
  'admin.audit.forward.remove': may(dangerous, 'receiver exists', '', 'not-found'),
  'admin.coordinator.list': may(read, ''),
  'admin.coordinator.remove': may(dangerous, 'coordinator exists', '', 'not-found'),
  'admin.coordinator.bundle': may(
    'local',
    'database is shared; the path is absolute and nothing is there',
    '',
    'conflict',
    'not-found'
  ),
  'admin.backup.create': may('local', 'the path is absolute and nothing is there', '', 'conflict', 'not-found'),
  'admin.audit.forward.test': may(
    manage,
    'receiver exists and answers',
    'its certificate',
    'not-found',
    'receiver-unreachable'
  ),
  'admin.report.daily': may(read, ''),
  'admin.mesh.status': may(read, ''),
  'admin.admin.list': may(read, ''),
  'admin.admin.add': may(owner, 'name is free', '', 'conflict'),
  'admin.admin.set-role': may(owner, 'an owner is left', '', 'not-found', 'conflict'),
  'admin.admin.reset': may(owner, 'administrator exists', '', 'not-found'),
  'admin.admin.remove': may(owner, 'an owner is left', '', 'not-found', 'conflict'),
  'admin.api-token.create': may(owner, 'scopes that a token may have', ''),
  'admin.api-token.list': may(read, ''),
  'admin.api-token.revoke': may(manage, 'token exists', '', 'not-found'),

  'admin.sso.get': may(read, ''),
  'admin.sso.set': may(
    owner,
    'provider answers',
    'its metadata; the secret stays only for the same client',
    'identity-provider-unreachable'
  ),
  'admin.sso.remove': may(owner, 'single sign-on is set up', '', 'not-found'),
  'admin.sso.link.list': may(read, ''),
  'admin.sso.link.remove': may(owner, 'link exists', '', 'not-found'),

  'admin.mail.get': may(read, ''),
  'admin.mail.set': may(
    owner,
    'the server takes user and password now; a password that is kept goes to the same server',
    'TLS and certificate of the server; plain only to a loopback address',
    'mail-not-sent'
  ),
  'admin.mail.remove': may(owner, 'a mail server is set up', '', 'not-found'),
  'admin.mail.test': may(
    owner,
    'a mail server is set up',
    'TLS and certificate of the server',
    'mail-not-sent',
    'not-found'
  ),
  'email-link.get': may('visitor; admin; user; GET', ''),
  'email-link.ask': may(
    'visitor; admin; user',
    'rules allow it, mail is set up, the browser calls us by our own address; links of this network. One answer, whether or not the address is a user’s: active, confirmed, few open links',
    '',
    'not-found',
    'rate-limited'
  ),
  'sso.get': may('visitor; admin; user; GET', ''),
  'sso.begin': may(
    'visitor; admin; user',
    'set up; so many at once',
    'state, nonce and PKCE are bound to this browser',
    'not-found',
    'rate-limited'
  ),
  'sso.leave': may('admin; user; GET', ''),

  'session.get': may('visitor; admin; user; GET', ''),
  'session.sign-in': may(
    'visitor; admin; user',
    'wrong tries of this name and of this address',
    'password (argon2id), code once',
    'sign-in-refused',
    'sign-in-locked',
    'second-factor-required'
  ),
  'session.passkey-begin': may('visitor; admin; user', 'at most 1000 at once', '', 'rate-limited'),
  'session.passkey-sign-in': may(
    'visitor; admin; user',
    'passkey is of an administrator',
    'signature over our challenge, once; user verified; counter',
    'sign-in-refused'
  ),
  'session.user-sign-in': may(
    'visitor; admin; user',
    'user active; wrong tries of this name and of this address',
    'PIN (argon2id)',
    'pin-wrong',
    'pin-locked'
  ),
  'session.confirm': may('admin', 'wrong tries', 'password and code, or passkey', 'sign-in-refused', 'sign-in-locked'),
  'session.stay': may(signedIn, ''),
  'session.sign-out': may(signedIn, ''),
  'session.list': may('admin; user; GET', 'own sessions only'),
  'session.end': may(signedIn, 'session is the caller’s', '', 'not-found'),
  'session.end-others': may(signedIn, 'own sessions only'),

  'account.set-password': may(account, 'own account only', 'length'),
  'account.totp-begin': may(account, 'own account only'),
  'account.totp-confirm': may(account, 'begun within two minutes', 'code', 'sign-in-refused'),
  'account.totp-remove': may(account, 'own account only'),
  'account.recovery-codes': may(account, 'own account only'),
  'account.passkey-begin': may(account, 'own account only'),
  'account.passkey-add': may(account, 'begun within two minutes; at most 20', 'attestation over our challenge'),
  'account.passkey-list': may('admin; GET', 'own account only'),
  'account.passkey-remove': may(account, 'passkey is the caller’s', '', 'not-found'),

  'portal.job.list': may('user; GET', 'own jobs only'),
  'portal.job.cancel': may(portal, 'job is the user’s; its state', '', 'not-allowed', 'job-in-progress'),
  'portal.device.list': may('user; GET', 'own devices only'),
  'portal.pin.set': may(portal, 'wrong tries', 'present PIN; new one: rules', 'pin-wrong', 'pin-locked', 'pin-weak'),

  'portal.badge.list': may('user; GET', 'own badges only'),
  'portal.badge.add': may(portal, 'badge is nobody’s; wrong tries', 'PIN', 'pin-wrong', 'pin-locked', 'conflict'),
  'portal.badge.remove': may(portal, 'badge is the user’s', '', 'not-found'),
  'portal.email.get': may(`${portal}; GET`, 'own address'),
  'portal.email.confirm': may(
    portal,
    'rules allow it, mail is set up, the browser calls us by our own address; own address; open links',
    '',
    'not-found',
    'conflict',
    'rate-limited',
    'mail-not-sent'
  ),
  'portal.delegate.list': may('user; GET', 'own delegates, and those whose delegate the user is'),
  'portal.delegate.add': may(
    portal,
    'allowed; both active, neither a guest; the date; at most 20',
    '',
    'policy-refused',
    'not-found',
    'not-allowed',
    'conflict'
  ),
  'portal.delegate.remove': may(portal, 'delegate is the user’s', '', 'not-found'),
  'portal.guest.list': may('user; GET', 'own guests only'),
  'portal.guest.invite': may(
    portal,
    'allowed, for this user’s groups and for so long; name is free; at most 10',
    '',
    'policy-refused',
    'conflict'
  ),
  'portal.guest.remove': may(portal, 'guest is the user’s', '', 'not-found'),

  'console.start': may('admin; GET', '')
} satisfies Partial<Record<Procedure, ProcedureRow>>;

/** Events of the control channel and of the windows: who may hear them. */
export const eventRows: Readonly<Record<string, string>> = {
  'client.state': clientWindow,
  'station.state': stationWindow,
  'node.state': 'local',
  'client.identify': clientWindow,
  'engine.state': 'client-window; station-window',
  'pairing.link': 'client-window; station-window'
} satisfies Record<EventName, string>;
