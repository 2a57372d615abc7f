import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/**
 * Computers of one office: network namespaces (network_namespaces(7)) whose cables, veth(4), end in one switch, a bridge. Made
 * inside a namespace of the whole run, so that nothing of it meets the real network and all of it ends with the run.
 */
export interface Host {
  readonly name: string;
  /** IPv4, which everything here talks over; and a name that has it, and one of IPv6 besides. */
  readonly address: string;
  readonly hostName: string;
  /** What goes in front of a program so that it runs there. It keeps its process id. */
  readonly enter: readonly string[];
  /** Pulls the cable out: both ends see it. Returns what puts it back. */
  unplug(): Promise<() => Promise<void>>;
  /** Nothing that this host sends to `peer` arrives, and nobody is told: frames go to a hardware address that nobody has. */
  silence(peer: Host): Promise<() => Promise<void>>;
  /** So many bits in a second, in both directions. */
  narrow(bits: number): Promise<() => Promise<void>>;
  /** Bytes that its cable has carried since it was made: to and from the host. */
  traffic(): Promise<{ readonly received: number; readonly sent: number }>;
}

const mostHosts = 20;
const ipv4 = (number: number) => `10.9.0.${number}`;
const ipv6 = (number: number) => `fd09::${number}`;
const hostName = (number: number) => `host${number}.chaos.test`;
const nobody = '02:00:5e:00:53:01';

/** Must be called once, inside a fresh network and mount namespace, as root. */
export async function openOffice(): Promise<(name: string) => Promise<Host>> {
  await exec('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  await mkdir('/run/netns', { recursive: true });
  // Names of hosts, which programs that want both address families ask for.
  const names = Array.from(
    { length: mostHosts },
    (_, index) => `${ipv4(index + 1)} ${hostName(index + 1)}\n${ipv6(index + 1)} ${hostName(index + 1)}\n`
  );
  await writeFile('/run/hosts', `127.0.0.1 localhost\n::1 localhost\n${names.join('')}`);
  await exec('mount', ['--bind', '/run/hosts', '/etc/hosts']);
  await ip('link', 'set', 'lo', 'up');
  // Without snooping multicast goes to every port, as in a switch that knows nothing of groups.
  await ip('link', 'add', 'name', 'office', 'type', 'bridge', 'mcast_snooping', '0');
  await ip('link', 'set', 'office', 'up');
  let hosts = 0;
  return (name) => {
    hosts += 1;
    return openHost(name, hosts);
  };
}

async function openHost(name: string, number: number): Promise<Host> {
  const address = ipv4(number);
  const [inside, port] = [`host${number}`, `port${number}`];
  await ip('netns', 'add', name);
  await ip('link', 'add', inside, 'type', 'veth', 'peer', 'name', port);
  await ip('link', 'set', inside, 'netns', name);
  await ip('link', 'set', port, 'master', 'office');
  await ip('link', 'set', port, 'up');
  const within = (...words: string[]) => ip('-n', name, ...words);
  const configure = async () => {
    await within('link', 'set', inside, 'up');
    await within('route', 'replace', 'default', 'dev', inside);
  };
  await within('link', 'set', 'lo', 'up');
  await within('address', 'add', `${address}/24`, 'dev', inside);
  await within('address', 'add', `${ipv6(number)}/64`, 'dev', inside, 'nodad');
  await configure();
  return {
    name,
    address,
    hostName: hostName(number),
    enter: ['nsenter', `--net=/run/netns/${name}`],
    async unplug() {
      await ip('link', 'set', port, 'down');
      return () => ip('link', 'set', port, 'up');
    },
    async silence(peer) {
      await within('neigh', 'replace', peer.address, 'lladdr', nobody, 'nud', 'permanent', 'dev', inside);
      return () => within('neigh', 'delete', peer.address, 'dev', inside);
    },
    async narrow(bits) {
      const limit = ['root', 'tbf', 'rate', `${bits}`, 'burst', '16kb', 'latency', '200ms'];
      await exec('tc', ['qdisc', 'add', 'dev', port, ...limit]);
      await exec('tc', ['-n', name, 'qdisc', 'add', 'dev', inside, ...limit]);
      return async () => {
        await exec('tc', ['qdisc', 'delete', 'dev', port, 'root']);
        await exec('tc', ['-n', name, 'qdisc', 'delete', 'dev', inside, 'root']);
      };
    },
    async traffic() {
      const { stdout } = await exec('ip', ['-s', '-j', 'link', 'show', 'dev', port]);
      const [link] = JSON.parse(stdout) as { stats64: { rx: { bytes: number }; tx: { bytes: number } } }[];
      // What the switch receives at this port is what the host sent.
      return { received: link?.stats64.tx.bytes ?? 0, sent: link?.stats64.rx.bytes ?? 0 };
    }
  };
}

async function ip(...words: string[]): Promise<void> {
  await exec('ip', words);
}
