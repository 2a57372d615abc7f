import { randomInt } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { measureIdle } from './cost.ts';
import { openOffice as openSwitch } from './hosts.ts';
import { type Office, type Organization, openOffice, startOrganization } from './organization.ts';
import { type TrialReport, trial } from './trial.ts';

/** A fresh organization after so many trials: what it keeps of ended jobs makes it slower. */
const trialsPerOrganization = 40;

/**
 * `npm run chaos -- [--trials 1000] [--seed S] [--nodes 4] [--minutes M] [--json]`, or with
 * `--idle SECONDS` what nodes cost that have nothing to do. Trial i has the seed S + i, so that one that
 * failed is run alone with `--trials 1 --seed`. Returns the exit code: 1 when anything was lost, printed twice, left readable or not
 * erased, or did not come to an end.
 */
export async function chaos(folder: string, args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      trials: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      nodes: { type: 'string', default: '4' },
      minutes: { type: 'string', default: '1440' },
      idle: { type: 'string' },
      json: { type: 'boolean', default: false }
    }
  });
  const first = Number(values.seed ?? randomInt(2 ** 30));
  const count = Number(values.trials);
  const until = Date.now() + Number(values.minutes) * 60_000;
  const say = (line: string) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const office = await openOffice(await openSwitch(), Number(values.nodes));
  if (values.idle !== undefined) return idle(office, folder, Number(values.idle));
  const reports: TrialReport[] = [];
  let organization: Organization | undefined;
  let age = 0;
  say(`${count} trials, seed ${first}`);
  for (let seed = first; seed < first + count && Date.now() < until; seed += 1) {
    if (organization && age >= trialsPerOrganization) {
      await organization.stop();
      organization = undefined;
    }
    if (!organization) {
      organization = await startOrganization(office, join(folder, `${seed}`));
      age = 0;
    }
    age += 1;
    const from = Date.now();
    const report = await trial(organization, seed);
    reports.push(report);
    const refused = report.refusals.length ? ` (meanwhile: ${report.refusals.join(', ')})` : '';
    say(`${seed} ${report.problems.length ? 'FAILED' : 'ok'} ${report.plan}${refused}; ${Date.now() - from} ms`);
    for (const problem of report.problems) say(`     ${problem}`);
    if (report.problems.length === 0) continue;
    const kept = join(tmpdir(), `letterlock-chaos-failed-${seed}`);
    await cp(organization.folder, kept, { recursive: true, filter: (source) => !/\.sock$|filler$/.test(source) });
    say(`     logs and data: ${kept}`);
    await organization.stop();
    organization = undefined;
  }
  await organization?.stop();
  const summary = summarize(reports, first);
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${describe(summary)}\n`);
  return summary.failures.length > 0 || reports.length === 0 ? 1 : 0;
}

/** A minute to come to rest, then so many seconds are measured. */
async function idle(office: Office, folder: string, seconds: number): Promise<number> {
  const organization = await startOrganization(office, folder, { jumps: false });
  await delay(60_000);
  for (const { node, cpuPercent, memory, sent, received } of await measureIdle(organization, seconds))
    process.stdout.write(
      `${node}: ${cpuPercent.toFixed(2)} % of a core, ${Math.round(memory)} MB, ${Math.round(sent)} B/s sent, ${Math.round(received)} B/s received\n`
    );
  await organization.stop();
  return 0;
}

export type Summary = ReturnType<typeof summarize>;

function summarize(reports: readonly TrialReport[], seed: number) {
  const count = (items: readonly string[]) =>
    Object.fromEntries([...new Set(items)].sort().map((item) => [item, items.filter((one) => one === item).length]));
  return {
    seed,
    trials: reports.length,
    documents: reports.reduce((sum, { documents }) => sum + documents, 0),
    accepted: reports.reduce((sum, { accepted }) => sum + accepted, 0),
    steps: count(reports.map(({ step }) => step)),
    faults: count(reports.flatMap(({ faults }) => faults)),
    refusals: count(reports.flatMap(({ refusals }) => refusals)),
    failures: reports
      .filter(({ problems }) => problems.length > 0)
      .map(({ seed, plan, problems }) => ({ seed, plan, problems }))
  };
}

function describe({ trials, documents, accepted, steps, faults, refusals, failures }: Summary): string {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, number]) => `${name} ${number}`)
      .join(', ');
  return [
    `${trials} trials, ${documents} documents, ${accepted} accepted; ${failures.length} trials failed`,
    `  steps    ${list(steps)}`,
    `  faults   ${list(faults)}`,
    `  refusals ${list(refusals)}`,
    ...failures.map(({ seed, problems }) => `  FAILED ${seed}: ${problems.join('; ')}`)
  ].join('\n');
}
