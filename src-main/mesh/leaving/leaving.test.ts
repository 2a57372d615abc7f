import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { GiB, limits } from '../../base/limits.ts';
import { silentLogger } from '../../base/logger.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import type { Candidate } from '../../protocol/placement.ts';
import { startLeaving } from './leaving.ts';
import type { Power } from './power.ts';

const device = () => DeviceId.parse(randomUUID());
const jobId = () => JobId.parse(randomUUID());
const other = (more: Partial<Candidate> = {}): Candidate => ({
  id: device(),
  roles: ['node'],
  awake: true,
  condition: null,
  ...more
});
const never = () => new Promise<never>(() => {});

/** A node with jobs, in a mesh whose copies are noted. */
function machine(options: {
  jobs: Record<JobId, readonly DeviceId[]>;
  others: Candidate[];
  copies?: number;
  copy?: (job: JobId, to: DeviceId, signal: AbortSignal) => Promise<unknown>;
  power?: { now: Power };
  cloudNodes?: boolean;
}) {
  const clock = createTestClock();
  const copied: { job: JobId; to: DeviceId }[] = [];
  const said: NodeCondition[] = [];
  const jobs = Object.entries(options.jobs) as [JobId, readonly DeviceId[]][];
  let heard = () => {};
  const leaving = startLeaving({
    self: device(),
    held: () => new Map(jobs.map(([job]) => [job, 1000])),
    holders: (job) => options.jobs[job] ?? [],
    candidates: () => options.others,
    copy: async (job, to, signal) => {
      await options.copy?.(job, to, signal);
      copied.push({ job, to });
    },
    copies: () => options.copies ?? 2,
    offlineGrants: () => false,
    cloudNodes: () => options.cloudNodes ?? false,
    freeBytes: async () => GiB,
    readPower: async () => options.power?.now ?? { power: 'mains' },
    awakeShare: () => 1,
    domain: '',
    onCondition: (now) => {
      said.push(now);
      heard();
    },
    clock,
    logger: silentLogger
  });
  /** Resolves when the node has said something of itself as wanted. */
  const says = (wanted: (now: NodeCondition) => boolean) =>
    new Promise<void>((resolve) => {
      heard = () => said.at(-1) && wanted(said.at(-1) as NodeCondition) && resolve();
      heard();
    });
  return { leaving, clock, copied, said, says };
}

it('gives away what would be too rare, the rarest first, and never to who holds it', async () => {
  const [a, b] = [other(), other()];
  const [alone, shared, safe] = [jobId(), jobId(), jobId()];
  const { leaving, copied } = machine({
    jobs: { [safe]: [a.id, b.id], [shared]: [a.id], [alone]: [] },
    others: [a, b]
  });
  expect(await leaving.leave('told', 60)).toEqual({ made: 3, left: [] });
  expect(copied[0]?.job).toBe(alone);
  expect(copied.filter(({ job }) => job === shared)).toEqual([{ job: shared, to: b.id }]);
  expect(copied.some(({ job }) => job === safe)).toBe(false);
  expect(leaving.isLeaving()).toBe(true);
});

it('a machine that stops leaves one awake copy of each, no more: it may be back in a minute', async () => {
  const [a, b, asleep] = [other(), other(), other({ awake: false })];
  const [alone, shared, sleeping] = [jobId(), jobId(), jobId()];
  const jobs = { [alone]: [], [shared]: [a.id], [sleeping]: [asleep.id] };
  const { leaving, copied } = machine({ jobs, others: [a, b, asleep] });
  await leaving.leave('stop', 10);
  expect(copied.map(({ job }) => job).sort()).toEqual([alone, sleeping].sort());
  expect(copied.every(({ to }) => to !== asleep.id)).toBe(true);
});

it('tries the next node when one refuses, and says what is left when none takes it', async () => {
  const [full, free] = [other(), other()];
  const job = jobId();
  const refuse = async (_: JobId, to: DeviceId) => {
    if (to === full.id) throw new LetterlockError('storage-full');
  };
  expect(
    await machine({ jobs: { [job]: [] }, others: [full, free], copies: 1, copy: refuse }).leaving.leave('told', 60)
  ).toEqual({
    made: 1,
    left: []
  });
  expect(
    await machine({ jobs: { [job]: [] }, others: [full], copies: 1, copy: refuse }).leaving.leave('told', 60)
  ).toEqual({
    made: 0,
    left: [job]
  });
});

it('ends in time, whatever a node does', async () => {
  const job = jobId();
  const { leaving, clock } = machine({ jobs: { [job]: [] }, others: [other(), other()], copy: never });
  const left = leaving.leave('stop', 10);
  clock.advance(10_000);
  expect(await left).toEqual({ made: 0, left: [job] });
});

it('hands over on its last battery, says that it leaves, and stays when it is plugged in', async () => {
  const power = { now: { power: 'battery', batteryPercent: 80 } as Power };
  const job = jobId();
  const { leaving, clock, copied, says } = machine({ jobs: { [job]: [] }, others: [other()], power });
  await says(({ stationary, leaving }) => !stationary && !leaving);
  power.now = { power: 'battery', batteryPercent: limits.lowBatteryPercent - 1 };
  clock.advance(limits.powerReadSeconds * 1000);
  await says((now) => now.leaving);
  expect(leaving.isLeaving()).toBe(true);
  power.now = { power: 'mains', batteryPercent: 14 };
  clock.advance(limits.powerReadSeconds * 1000);
  await says((now) => !now.leaving);
  expect(copied).toHaveLength(1);
});
