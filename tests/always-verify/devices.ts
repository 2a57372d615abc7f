import { randomUUID } from 'node:crypto';
import { type DeviceRow, deviceRow } from './row.ts';

/** The coordinator's device API. Keys as fastify knows its routes. */
export const deviceApi: Readonly<Record<string, DeviceRow>> = {
  'GET /v1/events': deviceRow('any', 'streams of this device: at most 8', '', 'rate-limited'),
  'POST /v1/presence': deviceRow('any', 'a URL only from a node', 'URL is https://host:port and nothing else'),
  'POST /v1/certificate': deviceRow(
    'any',
    'keys of the device in the database, which the new certificate names again',
    'signature of the certificate request'
  ),

  'POST /v1/jobs': {
    ...deviceRow(
      ['client'],
      'owner of the device, or user of the session, active; jobs of this device; policy for the owner, hold time, custody and cloud nodes included; release key of the epoch. Nodes too where shared printers are allowed',
      'manifest: signature, device, owner, organization, site of the device, keys of that site, times; job part opens; receipts: signature, node, digest, size',
      'no-owner',
      'policy-refused',
      'key-destroyed',
      'digest-mismatch',
      'rate-limited',
      'conflict',
      'session-expired'
    ),
    withSession: (session) => ({ manifest: signed(), jobPart: null, receipts: [], session })
  },
  'POST /v1/jobs/:job/holders': deviceRow(
    ['client', 'node'],
    'job is of this device, or the receipt is of this node; the policy lets the job lie on the node of the receipt, if that is a cloud node',
    'receipt: signature, node, digest, size',
    'digest-mismatch',
    'device-not-approved',
    'policy-refused'
  ),
  'POST /v1/jobs/:job/cancel': {
    ...deviceRow(
      ['client', 'station'],
      'job is of this device, or of the user of the session; state of the job. Nodes too where shared printers are allowed',
      '',
      'session-expired',
      'job-in-progress',
      'job-already-released'
    ),
    withSession: (session) => ({ session })
  },
  'POST /v1/jobs/:job/ticket': {
    ...deviceRow(
      ['client'],
      'session was opened at this device; user is the job’s owner, active; this device printed the job; strict custody; job held, not expired; organization, job and device not suspended',
      'the ticket ends no later than the job, and within a day',
      'session-expired',
      'conflict',
      'job-expired',
      'job-not-releasable',
      'suspended'
    ),
    withSession: (session) => ({ session, expires: new Date().toISOString() })
  },

  'POST /v1/sessions': deviceRow(
    ['client', 'station'],
    'user is active; wrong tries of this name and of this device. Nodes too where shared printers are allowed',
    'PIN (argon2id)',
    'pin-wrong',
    'pin-locked'
  ),
  'POST /v1/sessions/end': {
    ...deviceRow('any', 'session was opened at this device', '', 'session-expired'),
    withSession: (session) => ({ session })
  },
  'POST /v1/sessions/jobs': {
    ...deviceRow(
      ['client', 'station'],
      'session was opened at this device, not idle for too long; user active; at a station also jobs of those who let them release',
      '',
      'session-expired'
    ),
    withSession: (session) => ({ session })
  },

  'POST /v1/grants': {
    ...deviceRow(
      ['client', 'station'],
      'session was opened at this device; user active; job is the user’s, or at a station of somebody who lets them release it; claim is free; printer approved and safe enough; node approved, online and a holder, and if it is a cloud node one where the policy lets the job lie; policy for the owner at this printer, pages left included; organization, node and job not suspended. Strict custody: a word of the device that printed the job, or with a release ticket that this device is approved (its part of the key comes with the ticket; without it the grant opens nothing)',
      'one fenced claim of a job (compare and set)',
      'session-expired',
      'job-in-progress',
      'job-already-released',
      'job-uncertain',
      'job-expired',
      'printer-not-approved',
      'printer-not-secure',
      'device-not-approved',
      'node-unreachable',
      'policy-refused',
      'key-destroyed',
      'approval-unavailable',
      'approval-declined',
      'approval-expired',
      'ticket-invalid',
      'suspended'
    ),
    withSession: (session) => ({ session, job: randomUUID(), printer: randomUUID(), node: randomUUID() })
  },
  'POST /v1/approvals/:grant': deviceRow(['client'], 'this device is the one that was asked', 'once'),
  'POST /v1/grants/:grant/start': deviceRow(
    ['node'],
    'grant is of this node and in time; printer approved; user active and still the job’s owner or delegate; the device that asked approved; policy for the owner at this printer, once more; organization, node, job and that device not suspended',
    'fence of the grant is the job’s, once',
    'grant-invalid',
    'grant-expired',
    'grant-used',
    'printer-not-approved',
    'job-not-releasable',
    'policy-refused',
    'suspended'
  ),
  'POST /v1/grants/:grant/outcome': deviceRow(
    ['node'],
    'grant is of this node',
    'fence: a late word changes nothing',
    'grant-invalid',
    'conflict'
  ),

  'POST /v1/printers/:printer/capabilities': deviceRow(
    ['node'],
    'printer approved; one report in a minute counts',
    'size'
  ),
  'POST /v1/offline/capsule': deviceRow(
    ['station'],
    'policy allows releases without the coordinator; the machine is nothing but a station; neither it nor the organization is suspended; keys of its own site only',
    '',
    'offline-refused',
    'suspended',
    'too-large'
  ),
  'POST /v1/offline/records': deviceRow(
    ['node'],
    'grant is for the caller, which holds the job; permit was in force when it was given',
    'grant: signature of a station; permit: own signature, for that station',
    'grant-invalid'
  ),
  'POST /v1/offline/claims': deviceRow(['node'], 'attempts and state of each job asked about'),
  'POST /v1/erasures': deviceRow(
    ['node'],
    'this node held the job and was told to erase it',
    'receipt: signature, node'
  ),
  'POST /v1/erasures/outstanding': deviceRow(['node'], 'orders to this node alone')
};

/** Pairing listener: callers are strangers. Server certificate only; what they say is bound by commitment, code and token. */
export const pairingApi: Readonly<Record<string, DeviceRow>> = {
  'POST /pair/v1/requests': deviceRow(
    'any',
    'places free, of all and of this address; token: known, not revoked, not over, uses left, these roles',
    'certificate request: signature; keys: 32 bytes; name: no control characters',
    'token-invalid',
    'not-allowed',
    'rate-limited'
  ),
  'POST /pair/v1/requests/:id/reveal': deviceRow(
    'any',
    'request not over; token: a use is taken now, in the act that enrolls',
    'nonce is the one committed to; a wrong one ends the request',
    'pairing-rejected',
    'pairing-expired',
    'token-invalid'
  ),
  'POST /pair/v1/requests/:id/result': deviceRow('any', 'request exists', 'nonce is the revealed one', 'not-allowed')
};

/** A mesh node. Directory: the newest that the coordinator signed, pushed as it changes, worth nothing once it is too old. */
export const nodeApi: Readonly<Record<string, DeviceRow>> = {
  'GET /v1/health': deviceRow('any', ''),
  'PUT /v1/replicas/:job/blob': deviceRow(
    ['client', 'node'],
    'job not erased; uploads of this device; free space; a cloud node: the policy lets jobs of somebody lie there',
    'size while it comes; SHA-256 is computed here',
    'conflict',
    'storage-full',
    'rate-limited',
    'policy-refused'
  ),
  'GET /v1/replicas/:job/blob': deviceRow('any', 'upload is of this device'),
  'POST /v1/replicas/:job/holders': deviceRow(
    ['client', 'node'],
    'job is held here, signers are approved nodes now',
    'receipts: signature, job, digest, size, time'
  ),
  'POST /v1/mesh/sync': deviceRow(
    ['node'],
    'messages of this node in the last seconds; each receipt: signer approved now; a caller speaks for itself alone',
    'receipts: signature, digest, size, time; orders to erase: signature of the coordinator',
    'rate-limited'
  ),
  'GET /v1/replicas': deviceRow(
    ['station'],
    'policy allows releases without the coordinator; jobs of the user asked for'
  ),
  'POST /v1/mesh/claims': deviceRow(
    ['node'],
    'this node is a voter of the job; job not erased, not expired; no other release has the claim. With an offline grant: the policy; this node does not reach the coordinator itself; station approved; its permit not over by the clock here',
    'grant: signature of the coordinator, or of a station with a permit that the coordinator signed; for the caller; manifest: signature',
    'claim-elsewhere',
    'offline-refused',
    'grant-invalid',
    'grant-expired',
    'job-expired',
    'seal-broken',
    'conflict',
    'rate-limited'
  ),
  'DELETE /v1/replicas/:job/blob': deviceRow('any', 'upload is of this device'),
  'POST /v1/replicas/:job/commit': deviceRow(
    'any',
    'caller signed the manifest or is a node; signer approved and a client; job not erased, not expired; staged upload is of the caller; a cloud node: the policy lets this job lie there',
    'manifest: signature, job, organization, site of this node, times; size and SHA-256 of the blob; sealed metadata; sealed key opens here',
    'not-allowed',
    'device-not-approved',
    'job-expired',
    'digest-mismatch',
    'upload-truncated',
    'seal-broken',
    'conflict',
    'policy-refused'
  ),
  'GET /v1/replicas/:job': deviceRow(
    'any',
    'held here (all of it sealed); for a cloud node, that the policy lets the job lie there',
    '',
    'policy-refused'
  ),
  'POST /v1/replicas/:job/reseal': deviceRow(
    'any',
    'caller printed the job or is a node; the other is an approved node, and if it is a cloud node one where the policy lets the job lie',
    'as a commit, at the other node',
    'not-allowed',
    'device-not-approved',
    'node-unreachable',
    'node-reconciling',
    'conflict',
    'policy-refused'
  ),
  'GET /v1/mesh/gossip': deviceRow(
    ['node'],
    'caller is an approved node of the site of this one; asked for the upgrade to a channel, of which it has four at most. Each message on it: as POST, and whether the caller is approved',
    'each message: as POST; numbers, length of a line, questions under way. Whatever is not right ends the channel',
    'input-invalid'
  ),
  'POST /v1/mesh/gossip': deviceRow(
    ['node'],
    'caller and each signer are approved nodes of the site of this one; how much this node said in the last seconds',
    'each statement: signature of the node that it comes from; nobody is alive or dead on the word of another',
    'input-invalid',
    'too-large',
    'rate-limited'
  ),
  'POST /v1/releases': deviceRow(
    'any',
    'this node knows what was erased while it was away, and may hold the job, if it is a cloud node; grant names this node and this caller; not used before (journal on disk); colour, sides and pages of the job are within the terms of the grant; the coordinator agrees that it starts now, and where stations may release it a majority of its voters; with an offline grant they alone, and this node must not reach the coordinator',
    'grant: signature of the coordinator, or of a station with its permit; times; fence; parts open here; manifest: signature; blob: each segment; printer: pinned certificate',
    'grant-invalid',
    'grant-expired',
    'grant-used',
    'node-reconciling',
    'job-in-progress',
    'printer-not-approved',
    'printer-certificate-changed',
    'seal-broken',
    'policy-refused',
    'offline-refused',
    'claim-elsewhere'
  )
};

/** Looks like a signed statement. */
const signed = () => ({ kind: 'manifest', payload: 'AAA', signer: randomUUID(), signature: 'A'.repeat(86) });
