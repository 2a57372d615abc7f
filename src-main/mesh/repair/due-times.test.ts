import { expect, it } from 'vitest';
import { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import { createDueTimes } from './due-times.ts';

const hour = 3_600_000;
const [one, other] = ['1', '2'].map((digit) => JobId.parse(`${digit.repeat(8)}-0000-4000-8000-000000000000`)) as [
  JobId,
  JobId
];
const holder = DeviceId.parse('00000000-0000-4000-8000-000000000001');

/** `one` lies at `holder` too. Each job is due after an hour, whenever it is asked. */
function rig() {
  const clock = createTestClock();
  const computed: JobId[] = [];
  const times = createDueTimes({
    clock,
    sharedWith: (node) => (node === holder ? [one] : []),
    compute(job) {
      computed.push(job);
      return clock.now() + hour;
    }
  });
  const asked = (): JobId[] => {
    computed.length = 0;
    for (const job of [one, other]) times.of(job);
    return [...computed];
  };
  asked();
  return { clock, times, asked };
}

it('nothing is computed again while nothing has changed', () => {
  expect(rig().asked()).toEqual([]);
});

it.each<[string, (rigged: ReturnType<typeof rig>) => void, JobId[]]>([
  ['a job whose holders have changed', ({ times }) => times.changed(other), [other]],
  ['the jobs of a node that has come or gone', ({ times }) => times.moved(holder), [one]],
  ['all jobs, when what counts for all has changed', ({ times }) => times.allChanged(), [one, other]],
  ['a job whose time has come', ({ clock }) => clock.advance(hour), [one, other]]
])('computes again: %s', (_what, happens, again) => {
  const rigged = rig();
  happens(rigged);
  expect(rigged.asked()).toEqual(again);
});

it('believes nothing for more than an hour', () => {
  const clock = createTestClock();
  let due = Number.POSITIVE_INFINITY;
  const times = createDueTimes({ clock, sharedWith: () => [], compute: () => due });
  expect(times.of(one)).toBe(due);
  due = 0;
  clock.advance(hour);
  expect(times.of(one)).toBe(Number.POSITIVE_INFINITY);
  clock.advance(1);
  expect(times.of(one)).toBe(0);
});
