import { join } from 'node:path';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Organization } from '../../organization/organization.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import { type ClaimMessage, type ClaimReply, ClaimsOver } from '../../protocol/offline.ts';
import { majorityOf } from '../../sealing/escrow.ts';
import type { ClaimTaker, NodeTransport } from '../ports.ts';
import { createSerial } from '../serial.ts';
import { openClaimBook } from './claim-book.ts';
import { mayFollow, openClaim } from './voting.ts';

/**
 * The one claim of a job that may be released with and without the coordinator: taken by the delivering node, before the first
 * byte, at a majority of the voters that the job's manifest names for ever. Two majorities share a voter, and a voter says yes once:
 * so at most one release of a job goes on, on whichever side of whatever partition.
 */
export interface Claims extends ClaimTaker {
  /** A message of protocol/offline.ts; the caller is a node. Throws the refusal. */
  receive(caller: DirectoryDevice, message: ClaimMessage): Promise<ClaimReply>;
  /** This node has said yes to a release of it. */
  has(job: JobId): boolean;
  close(): Promise<void>;
}

export async function startClaims(options: {
  readonly dataDir: string;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly isErased: (job: JobId) => boolean;
  readonly transport: Pick<NodeTransport, 'claim'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Claims> {
  const { dataDir, identity, organization, isErased, transport, clock, logger } = options;
  const book = await openClaimBook(join(dataDir, 'claims.jsonl'), clock);
  const serially = createSerial<JobId>();
  const ended = new AbortController();
  let settling: Promise<void> | null = null;

  /** What the coordinator says is over need not be remembered. */
  async function settle(): Promise<void> {
    const all = book.all().slice(0, limits.openClaims);
    if (all.length === 0) return;
    const claims = all.map(({ job, grant }) => ({ job, grant }));
    const { over } = await organization.call('/v1/offline/claims', { claims }, ClaimsOver, { signal: ended.signal });
    for (const { job, grant } of all) if (over.includes(grant)) await book.forget(job, grant);
  }
  const settleSoon = () => {
    if (!organization.connected() || ended.signal.aborted) return;
    settling ??= settle()
      .catch((error: unknown) => {
        if (!ended.signal.aborted) logger.debug({ error }, 'claims are settled later');
      })
      .finally(() => {
        settling = null;
      });
  };
  let wasConnected = false;
  const onChange = () => {
    const connected = organization.connected();
    if (connected && !wasConnected) settleSoon();
    wasConnected = connected;
  };
  const offChange = organization.onChange(onChange);
  onChange();

  const receive: Claims['receive'] = async (caller, message) => {
    if (message.type === 'over') {
      await serially(message.job, async () => {
        // Only who would have printed can say that it does not.
        if (book.get(message.job)?.node === caller.id) await book.forget(message.job, message.grant);
      });
      return { v: 1, type: 'over' };
    }
    const claim = openClaim(message, caller.id, {
      ...{ self: identity.id, coordinator: identity.enrollment.coordinator, organization, isErased, now: clock.now() }
    });
    return serially(claim.job, async () => {
      const held = book.get(claim.job);
      if (!mayFollow(held, claim)) {
        settleSoon();
        throw new LetterlockError('claim-elsewhere', 'another release has it');
      }
      if (held?.grant !== claim.grant) await book.add(claim);
      return { v: 1, type: 'claimed' };
    });
  };

  const self = (): DirectoryDevice => {
    const device = organization.device(identity.id);
    if (!device) throw new LetterlockError('device-not-approved', 'this node');
    return device;
  };
  const say = (voter: DeviceId, message: ClaimMessage, signal: AbortSignal): Promise<ClaimReply> =>
    voter === identity.id ? receive(self(), message) : transport.claim(voter, message, signal);

  return {
    receive,
    has: (job) => book.get(job) !== undefined,
    async take({ job, bundle, manifest, voters }, signal) {
      const { grant, permit } = bundle;
      const message: ClaimMessage = { v: 1, type: 'claim', grant, manifest, ...(permit ? { permit } : {}) };
      const enough = majorityOf({ voters });
      const answers = await Promise.all(
        voters.map(async (voter): Promise<LetterlockError | null> => {
          try {
            const { type } = await say(voter, message, signal);
            return type === 'claimed' ? null : new LetterlockError('claim-elsewhere', 'a voter of another version');
          } catch (error) {
            signal.throwIfAborted();
            return asLetterlockError(error, 'node-unreachable');
          }
        })
      );
      const refusals = answers.filter((refusal) => refusal !== null);
      if (answers.length - refusals.length >= enough) return;
      logger.info(
        { job, voters: voters.length, refusals: refusals.map(({ code }) => code) },
        'a claim was not to be had'
      );
      throw (
        refusals.find(({ code }) => code !== 'node-unreachable') ??
        new LetterlockError(
          'claim-elsewhere',
          `${answers.length - refusals.length} of ${voters.length} nodes agreed, ${enough} are needed`
        )
      );
    },
    async giveUp({ job, grant, voters }) {
      const message: ClaimMessage = { v: 1, type: 'over', job, grant };
      await Promise.allSettled(voters.map((voter) => say(voter, message, ended.signal)));
    },
    async close() {
      offChange();
      ended.abort(new LetterlockError('node-unreachable', 'this node stops'));
      await settling;
      await book.close();
    }
  };
}
