import type { DeviceId, PrinterId, SiteId, UserId } from '../../src-preload/contract/index.ts';
import type { Directory } from './directory.ts';
import {
  type Decisions,
  decide,
  type Policy,
  type PolicyRefused,
  type PolicySubject,
  refusedEverywhere
} from './policy.ts';
import { type PrintTerms, termsOf } from './print-terms.ts';
import { siteOf } from './sites.ts';

/**
 * The policy as a machine knows it from the signed directory, for the early word to whoever prints there. Whatever comes of it,
 * the coordinator decides by its own knowledge when the job is registered and released.
 */
export const policyOf = ({ rules, policy }: Pick<Directory, 'rules' | 'policy'>): Policy => ({
  version: rules?.version ?? 0,
  settings: policy,
  rules: rules?.list ?? []
});

/** What holds for jobs that `user` prints at this machine. Groups are known of its owner only; of others no group counts. */
export const ownDecisions = (directory: Directory, device: DeviceId, user: UserId | null): Decisions =>
  decide(policyOf(directory), subjectOf(directory, device, user));

/** How many nodes must have a job durably before it counts as sent: never more than are to have it. */
export const writeQuorum = ({ quorum, replicas }: Pick<Decisions, 'quorum' | 'replicas'>): number =>
  Math.min(quorum.value, replicas.value);

/** Why the machine's owner may print nowhere, or null. */
export const ownRefusal = (directory: Directory, device: DeviceId): PolicyRefused | null =>
  refusedEverywhere(policyOf(directory), subjectOf(directory, device), placesOf(directory));

/** What holds at every printer where the machine's owner may print: asking for anything else is in vain. */
export function ownTerms(directory: Directory, device: DeviceId): PrintTerms {
  const policy = policyOf(directory);
  if (!policy.rules.some(({ effects }) => effects.color ?? effects.duplex)) return {};
  const subject = subjectOf(directory, device);
  const terms = placesOf(directory)
    .map((place) => decide(policy, { ...subject, ...place }))
    .filter(({ print }) => print.value === 'allow')
    .map((decisions) => termsOf(decisions, 0));
  const [first, ...others] = terms.length > 0 ? terms : [termsOf(decide(policy, subject), 0)];
  return {
    ...(first?.grey && others.every(({ grey }) => grey) ? { grey: first.grey } : {}),
    ...(first?.twoSided && others.every(({ twoSided }) => twoSided) ? { twoSided: first.twoSided } : {})
  };
}

/** At a printer its site counts. */
const placesOf = (directory: Directory): { printer: PrinterId; site: SiteId }[] =>
  directory.printers.map((printer) => ({ printer: printer.id, site: siteOf(directory, printer) }));

/** Before a printer is chosen the site of the machine counts. */
function subjectOf(directory: Directory, device: DeviceId, user?: UserId | null): PolicySubject {
  const own = directory.devices.find(({ id }) => id === device);
  const owner = own?.owner ?? null;
  const asked = user === undefined ? owner : user;
  const groups = asked !== null && asked === owner ? (own?.ownerGroups ?? []) : [];
  return { user: asked, groups, site: siteOf(directory, own) };
}
