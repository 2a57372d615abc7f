import type { DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import { asLetterlockError, LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Claim, ClaimMessage, ClaimReply, ClaimRequest } from '../../protocol/offline.ts';
import { majorityOf } from '../../sealing/escrow.ts';
import type { ClaimTaker } from '../ports.ts';
import { createSerial } from '../serial.ts';
import type { ClaimBook } from './claim-book.ts';
import { type AskedClaim, mayFollow } from './voting.ts';

/**
 * The one claim of a job that may be released with and without the coordinator: taken by the delivering node, before the first
 * byte, at a majority of the voters that the job's manifest names for ever. Two majorities share a voter, and a voter says yes once:
 * so at most one release of a job goes on, on whichever side of whatever partition. Neither disk nor network nor keys of its own.
 */
export interface Claims extends ClaimTaker {
  /** A message of protocol/offline.ts from a node. Throws the refusal. */
  receive(caller: DeviceId, message: ClaimMessage): Promise<ClaimReply>;
  /** This node has said yes to a release of it. */
  has(job: JobId): boolean;
  close(): Promise<void>;
}

export interface ClaimPorts {
  readonly self: DeviceId;
  /** What this node has said yes to. Closed with the claims. */
  readonly book: ClaimBook;
  /** What `caller` asks for, if the signatures and this node's knowledge allow it. Throws the refusal. */
  open(message: ClaimRequest, caller: DeviceId): AskedClaim;
  /** Another voter's answer. */
  send(voter: DeviceId, message: ClaimMessage, signal: AbortSignal): Promise<ClaimReply>;
  /** Of no use any more: no release of the job will be let through here anyway. */
  isOver(claim: Claim): boolean;
  readonly coordinator: {
    connected(): boolean;
    onChange(listener: () => void): () => void;
    /** Of these, the ones that came to nothing. */
    over(claims: readonly Pick<Claim, 'job' | 'grant'>[], signal: AbortSignal): Promise<readonly GrantId[]>;
  };
  readonly logger: Logger;
}

export function createClaims(ports: ClaimPorts): Claims {
  const { self, book, coordinator, logger } = ports;
  const serially = createSerial<JobId>();
  const ended = new AbortController();
  let settling: Promise<void> | null = null;

  async function settle(): Promise<void> {
    for (const claim of book.all()) if (ports.isOver(claim)) await book.forget(claim.job, claim.grant);
    const all = book.all().slice(0, limits.openClaims);
    if (all.length === 0) return;
    const over = await coordinator.over(
      all.map(({ job, grant }) => ({ job, grant })),
      ended.signal
    );
    for (const { job, grant } of all) if (over.includes(grant)) await book.forget(job, grant);
  }
  const settleSoon = () => {
    if (!coordinator.connected() || ended.signal.aborted) return;
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
    const connected = coordinator.connected();
    if (connected && !wasConnected) settleSoon();
    wasConnected = connected;
  };
  const offChange = coordinator.onChange(onChange);
  onChange();

  const receive: Claims['receive'] = async (caller, message) => {
    if (message.type === 'over') {
      await serially(message.job, async () => {
        // Only who would have printed can say that it does not.
        if (book.get(message.job)?.node === caller) await book.forget(message.job, message.grant);
      });
      return { v: 1, type: 'over' };
    }
    const asked = ports.open(message, caller);
    const { follows: _, ...claim } = asked;
    return serially(claim.job, async () => {
      const held = book.get(claim.job);
      if (!mayFollow(held, asked)) {
        settleSoon();
        throw new LetterlockError('claim-elsewhere', 'another release has it');
      }
      if (held?.grant !== claim.grant) await book.add(claim);
      return { v: 1, type: 'claimed' };
    });
  };
  const say = (voter: DeviceId, message: ClaimMessage, signal: AbortSignal): Promise<ClaimReply> =>
    voter === self ? receive(self, message) : ports.send(voter, message, signal);

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
