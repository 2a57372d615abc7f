import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import type { Organization } from '../../organization/organization.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import type { Candidate } from '../../protocol/placement.ts';
import { nodesOfSite } from '../own-site.ts';
import type { NodeTransport } from '../ports.ts';
import type { HeldJob } from '../replica-store.ts';
import { openAwakeHistory } from './awake-history.ts';
import { type Leaving, startLeaving } from './leaving.ts';
import { powerReader } from './power.ts';

/** The machine as it is, for `startLeaving`: its battery, its disk, and the nodes that it may hand over to. */
export interface NodeLeavingOptions {
  readonly dataDir: string;
  readonly self: DeviceId;
  readonly organization: Organization;
  readonly held: ReadonlyMap<JobId, HeldJob>;
  /** Other nodes that hold a job, as far as is known. */
  readonly holders: (job: JobId) => readonly DeviceId[];
  /** What is known of another node; undefined: go by what the coordinator sees. */
  readonly member: (
    node: DeviceId
  ) => { readonly awake: boolean; readonly condition: NodeCondition | null } | undefined;
  /** Whether a job that is held here may lie on that node. */
  readonly mayHold: (node: Pick<DirectoryDevice, 'cloud'>, job: JobId) => boolean;
  readonly peers: NodeTransport;
  readonly reseal: (job: JobId, to: DirectoryDevice) => Promise<Signed>;
  readonly freeBytes: () => Promise<number>;
  /** Failure domain, as the administrator of this machine names it. */
  readonly domain: string;
  readonly onCondition: (condition: NodeCondition) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export async function startNodeLeaving(options: NodeLeavingOptions): Promise<Leaving> {
  const { dataDir, self, organization, held, member, mayHold, peers, reseal, clock, logger } = options;
  const history = await openAwakeHistory(dataDir, clock, logger);

  const candidate = ({ id, roles, cloud }: DirectoryDevice): Candidate => {
    const { awake, condition } = member(id) ?? { awake: organization.online().has(id), condition: peers.condition(id) };
    return { id, roles, cloud, awake, condition };
  };
  /** Others of the site whose job it is, which may be one where this node was before. */
  const nodes = (job: JobId) => nodesOfSite(organization, held.get(job)?.site ?? null).filter(({ id }) => id !== self);

  const copy = async (job: JobId, to: DeviceId): Promise<void> => {
    const device = organization.device(to);
    // It may have it already: not every receipt comes to every holder.
    const has = await peers.info(to, job).catch(() => null);
    if (!has && device) await reseal(job, device); // the new holder tells the coordinator
  };

  const leaving = startLeaving({
    ...options,
    held: () => new Map([...held].map(([job, { blobSize }]) => [job, blobSize])),
    candidates: (job) => nodes(job).map(candidate),
    copies: (job) => {
      const places = nodes(job).filter((node) => mayHold(node, job)).length;
      return Math.min(held.get(job)?.copies ?? organization.directory()?.policy.replicas ?? 0, places);
    },
    cloudNodes: (job) => mayHold({ cloud: true }, job),
    offlineGrants: () => (organization.directory()?.policy.offlineHours ?? 0) > 0,
    copy,
    readPower: powerReader(),
    awakeShare: history.share
  });
  return {
    ...leaving,
    close() {
      history.close();
      leaving.close();
    }
  };
}
