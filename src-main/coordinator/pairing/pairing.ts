import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { PairingId, type PairingRequestView } from '../../../src-preload/contract/index.ts';
import { fromBase64url, toBase64url } from '../../base/bytes.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { readCertificateRequest } from '../../identity/certificate-request.ts';
import { keyDescriptor, keyDescriptorDigest } from '../../identity/key-descriptor.ts';
import { nonceCommitment, pairingCode } from '../../identity/pairing-code.ts';
import type { PairingOpen, PairingOpened, PairingResult } from '../../protocol/pairing-api.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import type { CoordinatorStore, DeviceRecord } from '../store.ts';
import type { Applicant, Approval, Enroll } from './enroll.ts';
import { createPairingRequests, type PairingRequest } from './requests.ts';
import { findToken, useToken } from './tokens.ts';

/**
 * The coordinator's side of pairing. The device commits to a nonce, gets ours, reveals its own; only then is there a code, and
 * only with the code that stands on the device's screen can an administrator approve. A token approves when the nonce is
 * revealed, so that a replayed opening is worth nothing.
 */
export interface Pairing {
  open(request: z.infer<typeof PairingOpen>, address: string): Promise<z.infer<typeof PairingOpened>>;
  reveal(id: PairingId, nonce: string): Promise<void>;
  /** Waits up to 25 s for a decision. */
  result(id: PairingId, nonce: string, signal: AbortSignal): Promise<z.infer<typeof PairingResult>>;

  waiting(): z.infer<typeof PairingRequestView>[];
  approve(id: PairingId, code: string, approval: Omit<Approval, 'by'>, actor: string): Promise<DeviceRecord>;
  reject(id: PairingId, actor: string): Promise<void>;
  close(): void;
}

const resultWaitMs = 25_000;
const wrongCodesMax = 3;

export function createPairing(options: {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly enroll: Enroll;
  readonly perform: Perform;
  readonly clock: Clock;
}): Pairing {
  const { store, identity, enroll, perform, clock } = options;
  const requests = createPairingRequests(clock);

  /** A request that an administrator can decide on. */
  function undecided(id: PairingId): PairingRequest & { revealed: { nonce: string; code: string } } {
    const request = requests.get(id);
    if (request.outcome?.state === 'expired') throw new LetterlockError('pairing-expired');
    const { revealed } = request;
    if (request.outcome || request.approving || !revealed) throw new LetterlockError('conflict', 'pairing request');
    return Object.assign(request, { revealed });
  }

  /** Writes the approval once; the device that waits for it gets its enrollment. */
  async function approved(request: PairingRequest, run: () => ReturnType<Enroll>): Promise<DeviceRecord> {
    request.approving = true;
    try {
      const { device, enrollment } = await run();
      requests.settle(request, { state: 'approved', enrollment });
      return device;
    } finally {
      request.approving = false;
    }
  }

  return {
    async open(asked, address) {
      const { publicKeyPem, sha256 } = readCertificateRequest(asked.csr);
      const keys = { signing: key32(asked.signing, 'signing'), sealing: key32(asked.sealing, 'sealing') };
      key32(asked.commitment, 'commitment');
      // It will stand on an administrator's screen beside the code.
      if (/\p{C}/u.test(asked.name)) throw new LetterlockError('input-invalid', 'name');
      const token =
        asked.token === undefined ? null : await findToken(store.tables, asked.token, asked.roles, clock.now());
      const applicant: Applicant = {
        name: asked.name,
        roles: [...new Set(asked.roles)],
        publicKeyPem,
        signing: asked.signing,
        sealing: asked.sealing,
        descriptorSha256: keyDescriptorDigest(keyDescriptor(keys))
      };
      const id = PairingId.parse(randomUUID());
      const coordinatorNonce = new Uint8Array(randomBytes(32));
      const expires = clock.now() + limits.pairingSeconds * 1000;
      requests.add({
        id,
        applicant,
        csrSha256: sha256,
        commitment: asked.commitment,
        coordinatorNonce,
        token: token?.id ?? null,
        address,
        created: clock.now(),
        expires
      });
      return { id, nonce: toBase64url(coordinatorNonce), expires: isoTime(expires) };
    },

    async reveal(id, nonce) {
      const request = requests.get(id);
      const deviceNonce = key32(nonce, 'nonce');
      if (request.outcome?.state === 'expired') throw new LetterlockError('pairing-expired');
      if (nonceCommitment(deviceNonce) !== request.commitment) {
        requests.settle(request, { state: 'rejected' });
        throw new LetterlockError('pairing-rejected', 'the nonce is not the one committed to');
      }
      if (request.outcome || request.revealed) return;
      const code = pairingCode({
        deviceNonce,
        coordinatorNonce: request.coordinatorNonce,
        csrSha256: request.csrSha256,
        descriptorSha256: request.applicant.descriptorSha256,
        coordinatorCertificateSha256: identity.certificateSha256
      });
      request.revealed = { nonce, code };
      const { token } = request;
      if (token === null) return;
      await approved(request, () =>
        perform(`token:${token}`, async (act) => {
          const { owner, cloud, site } = await useToken(act, token, clock.now());
          const isCloud = cloud && request.applicant.roles.includes('node');
          return enroll(act, request.applicant, { owner, cloud: isCloud, site, by: 'token' });
        })
      ).catch((error) => {
        requests.settle(request, { state: 'rejected' });
        throw error;
      });
    },

    async result(id, nonce, signal) {
      const request = requests.get(id);
      if (!request.revealed || !sameText(request.revealed.nonce, nonce))
        throw new LetterlockError('not-allowed', 'nonce');
      return (await requests.outcome(request, resultWaitMs, signal)) ?? { state: 'pending' };
    },

    waiting: () =>
      requests.waiting().map(({ id, applicant, revealed, address, created, expires }) => ({
        id,
        name: applicant.name,
        roles: [...applicant.roles],
        code: revealed?.code ?? '',
        address,
        created: isoTime(created),
        expires: isoTime(expires)
      })),

    async approve(id, code, approval, actor) {
      const request = undecided(id);
      if (!sameText(code, request.revealed.code)) {
        request.wrongCodes += 1;
        const dead = request.wrongCodes >= wrongCodesMax;
        if (dead) requests.settle(request, { state: 'rejected' });
        await perform(actor, async ({ record }) =>
          record('pairing.code-mismatch', id, { name: request.applicant.name, dead })
        );
        throw new LetterlockError('pairing-code-mismatch');
      }
      return approved(request, () =>
        perform(actor, (act) => enroll(act, request.applicant, { ...approval, by: 'compared code' }))
      );
    },

    async reject(id, actor) {
      const request = undecided(id);
      requests.settle(request, { state: 'rejected' });
      await perform(actor, async ({ record }) => record('pairing.rejected', id, { name: request.applicant.name }));
    },

    close: requests.close
  };
}

function key32(text: string, name: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes?.length !== 32) throw new LetterlockError('input-invalid', name);
  return bytes;
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
