import { parseArgs } from 'node:util';
import { type Progress, runWorld, smallWorld, type WorldOptions, type WorldResult } from './mesh/world.ts';
import { atMostOnce } from './model/at-most-once.ts';
import { claimsModel } from './model/claims.ts';
import { explore } from './model/explore.ts';

/**
 * `npm run simulate`: many worlds, each from its own seed, or one large one; or the model of "at most once" in full. One line for each
 * world that went wrong, whose seed belongs into regressions.test.ts, and one line of sums at the end. How far it is goes to stderr.
 *
 *   npm run simulate -- [--seeds N] [--seed FIRST] [--nodes N] [--jobs N] [--replicas N] [--minutes N] [--real-membership]
 *   npm run simulate -- --model [--attempts N] [--crashes N]
 */
export async function simulate(args: readonly string[]): Promise<boolean> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{
        seeds: text,
        seed: text,
        nodes: text,
        jobs: text,
        replicas: text,
        minutes: text,
        attempts: text,
        crashes: text
      },
      'real-membership': { type: 'boolean', default: false },
      model: { type: 'boolean', default: false }
    }
  });
  if (values.model) return exploreAll(Number(values.attempts ?? 2), Number(values.crashes ?? 1));

  const first = Number(values.seed ?? 1);
  const results: WorldResult[] = [];
  for (let seed = first; seed < first + Number(values.seeds ?? 100); seed += 1) {
    const drawn = smallWorld(seed, values['real-membership']);
    const options: WorldOptions = {
      ...drawn,
      nodes: Number(values.nodes ?? drawn.nodes),
      jobs: Number(values.jobs ?? drawn.jobs),
      replicas: Number(values.replicas ?? drawn.replicas),
      troubled: values.minutes === undefined ? drawn.troubled : Number(values.minutes) * 60_000
    };
    const result = await runWorld(options, tellProgress(options));
    results.push(result);
    if (result.violations.length > 0) say({ options, violations: result.violations.slice(0, 8) });
    if (results.length % 500 === 0) say(summary(results));
  }
  say(summary(results));
  return results.every(({ violations }) => violations.length === 0);
}

function exploreAll(attempts: number, crashes: number): boolean {
  let isWell = true;
  for (const way of ['create-job', 'print-job'] as const) {
    for (const tells of [true, false]) {
      const { violation, stuck, ...counts } = explore(atMostOnce({ way, tells }, { attempts, crashes }), 20_000_000);
      say({ way, tells, attempts, crashes, ...counts, violation, stuck });
      isWell &&= violation === null && stuck === null;
    }
  }
  for (const first of ['station', 'coordinator'] as const) {
    for (const second of ['station', 'coordinator'] as const) {
      const { violation, stuck, ...counts } = explore(claimsModel({ by: [first, second] }, { crashes }), 20_000_000);
      say({ first, second, crashes, ...counts, violation, stuck });
      isWell &&= violation === null && stuck === null;
    }
  }
  return isWell;
}

function summary(results: readonly WorldResult[]): object {
  const sum = (count: keyof WorldResult['counts']) => results.reduce((total, { counts }) => total + counts[count], 0);
  const times = results.flatMap(({ converged }) => converged ?? []).sort((a, b) => a - b);
  const { options } = results.at(-1) ?? {};
  return {
    worlds: results.length,
    failed: results.filter(({ violations }) => violations.length > 0).length,
    lastSeed: options?.seed,
    ...{ accepted: sum('accepted'), printed: sum('printed'), ended: sum('ended'), copies: sum('copies') },
    ...{ offline: sum('offline'), handedOver: sum('handedOver'), crashes: sum('crashes'), lostToFaults: sum('lost') },
    faults: results.reduce<Record<string, number>>((total, { faults }) => {
      for (const [kind, count] of Object.entries(faults)) total[kind] = (total[kind] ?? 0) + count;
      return total;
    }, {}),
    messages: results.reduce((total, { messages }) => total + messages, 0),
    convergedAfterSeconds: { p50: (times[times.length >> 1] ?? 0) / 1000, most: (times.at(-1) ?? 0) / 1000 },
    simulatedHours: round(results.reduce((total, { simulated }) => total + simulated, 0) / 3_600_000),
    processorMinutes: round((process.cpuUsage().user + process.cpuUsage().system) / 60_000_000),
    mostMebibytes: Math.round(process.resourceUsage().maxRSS / 1024)
  };
}

/** A line now and then, in real time. */
let toldAt = performance.now();
const tellProgress =
  ({ seed, jobs }: WorldOptions) =>
  ({ at, phase, counts, messages }: Progress): void => {
    if (performance.now() - toldAt < 10_000) return;
    toldAt = performance.now();
    const { accepted, ended, copies, crashes } = counts;
    const line = {
      seed,
      phase,
      simulatedSeconds: Math.round(at / 1000),
      jobs,
      accepted,
      ended,
      copies,
      crashes,
      messages
    };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };

const round = (value: number): number => Math.round(value * 10) / 10;

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
