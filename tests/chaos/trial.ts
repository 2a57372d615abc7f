import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../fuzz/random.ts';
import { type ChaosDocument, makeDocument } from './document.ts';
import { drawFault, type Fault, kill } from './faults.ts';
import { moment, type Step, steps } from './moments.ts';
import { finish, judge } from './oracle.ts';
import type { Organization } from './organization.ts';
import { jobOf, print, releaseAtClient, releaseAtStation } from './user.ts';

export interface TrialReport {
  readonly seed: number;
  readonly plan: string;
  readonly step: Step;
  readonly faults: readonly string[];
  readonly documents: number;
  /** Of these, those whose acceptance was told. */
  readonly accepted: number;
  /** What was refused while it was broken, by code. */
  readonly refusals: readonly string[];
  /** What must not be. Empty: passed. */
  readonly problems: readonly string[];
}

/** A fault is over after so long, or when everything that was under way has ended: some are only a moment. */
const lengths = [0, 0, 200, 200, 1000, 1000, 5000, 5000, 12_000, 12_000, 70_000] as const;
const clockMs = 2000;
/** A survivor that alone is awake heals after a minute (`limits.healLastSeconds`). */
const healMs = 130_000;
const healShare = 0.04;

/** Everything random of a trial comes from its seed; when things happen, from the machines. */
export async function trial(organization: Organization, seed: number): Promise<TrialReport> {
  const random = createRandom(seed);
  const step = random.chance(healShare) ? 'heal' : random.pick(steps.filter((one) => one !== 'heal'));
  const documents = Array.from({ length: 1 + random.int(3) }, (_, index) => makeDocument(seed, index, random));
  const faults: Fault[] = [];
  const draw = () => {
    for (let left = random.chance(0.3) ? 2 : 1; left > 0; left -= 1) {
      const fault = drawFault(random, organization, holdersOf(organization, documents));
      if (!faults.some(({ what }) => what === fault.what)) faults.push(fault);
    }
  };
  const lasting = random.pick(lengths);
  const later = random.chance(0.5) ? 0 : random.int(60);
  const atStation = random.chance(0.4);
  const sizes = documents.map(({ bytes }) => bytes.length).join('+');
  const accepted = new Set<ChaosDocument>();
  const refusals: string[] = [];

  const submit = async () => {
    await Promise.all(
      documents.map(async (document) => {
        if (await print(organization, document)) accepted.add(document);
      })
    );
  };
  const release = async () => {
    const one = atStation ? await releaseAtStation(organization) : releaseAtClient(organization);
    await Promise.all(
      documents.map(async (document) => {
        const job = jobOf(organization, document);
        const answer = job ? await one(job.id) : 'no job';
        if (answer !== 'printed') refusals.push(answer);
      })
    );
    if (atStation) await organization.station.call('station.sign-out', {}).catch(() => undefined);
  };
  const titles = new Set(documents.map(({ title }) => title));
  const broken = (operation: () => Promise<void>) =>
    withFaults({ organization, step, titles, faults, later, lasting, operation });

  const problems: string[] = [];
  try {
    if (step === 'submit' || step === 'replicate') {
      draw();
      await broken(submit);
    } else {
      await submit();
      await held(organization, documents, accepted);
      draw();
      if (step === 'heal') await whileHealing(organization, documents, broken);
      else await broken(release);
    }
    await organization.settle();
    await finish(organization, documents, accepted);
  } catch (error) {
    problems.push((error as Error).message);
  }
  problems.push(...(await judge(organization, documents, accepted)));
  const plan = `${sizes} bytes, ${atStation ? 'station' : 'client'}; at ${step} + ${later} ms: ${faults.map(({ what }) => what).join(', ')}; ${lasting} ms`;
  return {
    seed,
    plan,
    step,
    faults: faults.map(({ kind }) => kind),
    documents: documents.length,
    accepted: accepted.size,
    refusals,
    problems
  };
}

const holdersOf = (organization: Organization, documents: readonly ChaosDocument[]) => {
  const names = documents.flatMap((document) => jobOf(organization, document)?.holders.map(({ name }) => name) ?? []);
  return organization.nodes.filter(({ name }) => names.includes(name));
};

interface Breaking {
  readonly organization: Organization;
  readonly step: Step;
  readonly titles: ReadonlySet<string>;
  readonly faults: readonly Fault[];
  readonly later: number;
  readonly lasting: number;
  readonly operation: () => Promise<void>;
}

/** Runs the operation; at its first sign of the step the faults come, stay for their time, and go. */
async function withFaults({ organization, step, titles, faults, later, lasting, operation }: Breaking): Promise<void> {
  const sign = moment(step, organization, titles);
  const under = operation();
  await Promise.race([sign.reached, under]);
  sign.close();
  await delay(later);
  const ends: (() => Promise<void>)[] = [];
  try {
    for (const fault of faults) ends.push(await fault.inject());
    // A clock is looked at once in a second.
    if (faults.some(({ kind }) => kind === 'clock')) await delay(clockMs);
    await Promise.race([delay(lasting), under]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
  await under;
}

async function held(
  { client }: Organization,
  documents: readonly ChaosDocument[],
  accepted: ReadonlySet<ChaosDocument>
): Promise<void> {
  const titles = documents.filter((document) => accepted.has(document)).map(({ title }) => title);
  await client.until('held by two', ({ jobs }) =>
    titles.every((title) => jobs.some((job) => job.title === title && job.holders.length === 2 && !job.inOutbox))
  );
}

/** A holder dies and stays dead; the fault comes while the survivor makes a new copy, which has to come about all the same. */
async function whileHealing(
  organization: Organization,
  documents: readonly ChaosDocument[],
  broken: (operation: () => Promise<void>) => Promise<void>
): Promise<void> {
  const [first] = documents;
  const holders = (first && jobOf(organization, first)?.holders) ?? [];
  const lost = organization.nodes.find(({ name }) => name === holders[0]?.name);
  if (!lost) throw new Error('nobody holds the job');
  const revive = await kill(lost).inject();
  const before = new Map(organization.nodes.map((node) => [node, node.latest()?.replicas ?? 0]));
  const more = Promise.race([
    ...organization.nodes
      .filter((node) => node !== lost)
      .map((node) => node.until('healed', ({ replicas }) => replicas > (before.get(node) ?? 0), healMs / 1000)),
    delay(healMs)
  ]);
  await broken(async () => void (await more.catch(() => undefined)));
  await revive();
}
