import { execFile } from 'node:child_process';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Random } from '../fuzz/random.ts';
import { clocksCanJump } from './clock-jump.ts';
import type { Host } from './hosts.ts';
import type { Machine } from './machine.ts';
import type { Organization } from './organization.ts';
import { disksCanBeSlow, slowDisk } from './slow-disk.ts';

const exec = promisify(execFile);

/** What happens to one part; `inject` returns what ends it. */
export interface Fault {
  readonly kind: FaultKind;
  readonly what: string;
  inject(): Promise<() => Promise<void>>;
}

export const faultKinds = [
  'kill',
  'freeze',
  'unplug',
  'split',
  'one-way',
  'narrow',
  'full-disk',
  'slow-disk',
  'clock'
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** How often each is drawn: deaths most of all. Absent here means never. */
const lottery: readonly FaultKind[] = [
  ...Array.from({ length: 9 }, () => 'kill' as const),
  ...faultKinds.filter((kind) => (kind !== 'clock' || clocksCanJump) && (kind !== 'slow-disk' || disksCanBeSlow)),
  'unplug',
  'split'
];

const narrowBits = 2_000_000;
const slowBytes = 400_000;
/** Back and forth, but not so far that a job or a certificate ends. */
const jumps = [-7200, -90, 90, 7200] as const;

/** `busy`: nodes that something happens at, such as holders; they are hit more than others. */
export function drawFault(random: Random, organization: Organization, busy: readonly Machine<'node'>[]): Fault {
  const kind = random.pick(lottery);
  const { machines, nodes, small, printer } = organization;
  const anyone = () => random.pick<Machine>(random.chance(0.6) ? (busy.length > 0 ? busy : nodes) : machines);
  const hosts = [...machines.map(({ host }) => host), printer.host];
  const anyHost = () => (random.chance(0.15) ? printer.host : anyone().host);
  switch (kind) {
    case 'kill':
      return kill(random.chance(0.12) ? printer : anyone());
    case 'freeze':
      return freeze(anyone());
    case 'unplug':
      return onHost(kind, anyHost(), (host) => host.unplug());
    case 'narrow':
      return onHost(kind, anyHost(), (host) => host.narrow(narrowBits));
    case 'split':
    case 'one-way':
      return silence(kind, random, anyHost(), hosts);
    case 'full-disk':
      return fill(random.pick(small));
    case 'slow-disk':
      return slow(random.pick(machines.filter((machine) => !small.includes(machine))));
    case 'clock':
      return jump(random.pick(machines), random.pick(jumps));
  }
}

export function kill(victim: Machine | Organization['printer']): Fault {
  return {
    kind: 'kill',
    what: `kill -9 ${victim.host.name}`,
    async inject() {
      await victim.kill();
      return async () => {
        // It may have been killed twice.
        if (!victim.running()) await victim.start();
      };
    }
  };
}

function freeze(victim: Machine): Fault {
  return {
    kind: 'freeze',
    what: `freeze ${victim.name}`,
    async inject() {
      const thaw = victim.freeze();
      return async () => thaw();
    }
  };
}

const onHost = (kind: FaultKind, host: Host, how: (host: Host) => Promise<() => Promise<void>>): Fault => ({
  kind,
  what: `${kind} ${host.name}`,
  inject: () => how(host)
});

function silence(kind: 'split' | 'one-way', random: Random, one: Host, hosts: readonly Host[]): Fault {
  const other = random.pick(hosts.filter((host) => host !== one));
  return {
    kind,
    what: `${kind} ${one.name} ${kind === 'split' ? '|' : '-/->'} ${other.name}`,
    async inject() {
      const ends = [await one.silence(other), ...(kind === 'split' ? [await other.silence(one)] : [])];
      return async () => {
        for (const end of ends) await end();
      };
    }
  };
}

function fill(victim: Machine): Fault {
  const filler = join(victim.data, 'filler');
  return {
    kind: 'full-disk',
    what: `fill the disk of ${victim.name}`,
    async inject() {
      const empty = () => rm(filler, { force: true });
      // The victim goes on writing: what was free may be taken a moment later.
      for (let tries = 5; ; tries -= 1) {
        const { bavail, bsize } = await statfs(victim.data);
        try {
          await exec('fallocate', ['-l', String(Math.max(1, bavail - 2) * bsize), filler]);
          return empty;
        } catch (error) {
          await empty();
          if (tries === 1) throw error;
        }
      }
    }
  };
}

function slow(victim: Machine): Fault {
  return {
    kind: 'slow-disk',
    what: `slow the disk of ${victim.name}`,
    inject: () => slowDisk(victim.pid, victim.data, slowBytes)
  };
}

function jump(victim: Machine, seconds: number): Fault {
  return {
    kind: 'clock',
    what: `set the clock of ${victim.name} ${seconds} s`,
    async inject() {
      await victim.jump(seconds);
      return () => victim.jump(0);
    }
  };
}
