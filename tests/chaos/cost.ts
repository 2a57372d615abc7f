import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Organization } from './organization.ts';

/** What a node costs that has nothing to do. */
export interface IdleCost {
  readonly node: string;
  /** Of one core. */
  readonly cpuPercent: number;
  /** Resident memory in MB (VmRSS). */
  readonly memory: number;
  /** Bytes that its cable carries in a second: everything, with acknowledgements and multicast. */
  readonly sent: number;
  readonly received: number;
}

/** Ticks of the processor per second in /proc (USER_HZ). */
const userHz = 100;

export async function measureIdle({ nodes }: Organization, seconds: number): Promise<IdleCost[]> {
  const read = () =>
    Promise.all(
      nodes.map(async ({ pid, host }) => ({
        ticks: await ticks(pid),
        at: performance.now(),
        ...(await host.traffic())
      }))
    );
  const before = await read();
  await delay(seconds * 1000);
  const after = await read();
  return Promise.all(
    nodes.map(async ({ name, pid }, index) => {
      const [from, to] = [before[index], after[index]];
      if (!from || !to) throw new RangeError('a node without figures');
      const took = (to.at - from.at) / 1000;
      return {
        node: name,
        cpuPercent: ((to.ticks - from.ticks) / userHz / took) * 100,
        memory: await residentMegabytes(pid),
        sent: (to.sent - from.sent) / took,
        received: (to.received - from.received) / took
      };
    })
  );
}

/** User and system time of all threads; fields 14 and 15 of proc_pid_stat(5), counted behind the name in brackets. */
async function ticks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function residentMegabytes(pid: number): Promise<number> {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kibibytes) * 1024) / 1_000_000;
}
