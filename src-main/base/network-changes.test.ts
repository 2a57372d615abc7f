import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { watchNetwork } from './network-changes.ts';

/** A namespace of our own, where an address may come without asking anybody. */
const inNamespace = ['unshare', '--user', '--map-root-user', '--net'] as const;
const canIsolate = spawnSync(inNamespace[0], [...inNamespace.slice(1), 'ip', 'link'], { stdio: 'ignore' }).status === 0;

it.runIf(canIsolate)('an address that comes is told', async () => {
  // The loopback interface gets its address when it is switched on: again and again while the monitor lives, since nobody knows when it listens.
  const script = 'while kill -0 $$ && ip link set lo up; do ip link set lo down; done & exec ip monitor address route';
  const network = watchNetwork(systemClock, [...inNamespace, 'sh', '-c', script]);
  await new Promise<void>((resolve) => network.on(resolve));
  network.close();
});

it('a program that does not exist tells nothing and breaks nothing', async () => {
  const network = watchNetwork(systemClock, ['letterlock-no-such-program']);
  network.on(() => expect.unreachable());
  await new Promise((resolve) => setImmediate(resolve));
  network.close();
});
