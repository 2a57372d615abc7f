import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../../build/server-process.mjs';
import type { NodeState, Output } from '../../src-preload/contract/index.ts';
import type { DemoLine } from '../support/demo.ts';
import { filesContaining } from '../support/documents.ts';
import { needs } from '../support/needs.ts';
import { createNetworkNamespace, type NetworkNamespace, namespaceAddress } from '../support/network-namespace.ts';

/** Our DNS-SD and a node's shared printer among strangers, in a network that exists for this file alone. */
const programs = [
  'unshare',
  'nsenter',
  'ip',
  'dbus-daemon',
  'avahi-daemon',
  'avahi-browse',
  'avahi-publish',
  'ippfind',
  'ipptool'
];

describe.runIf(needs('root', ...programs))('discovery', () => {
  let network: NetworkNamespace;
  let folder: string;
  const processes: ServerProcess[] = [];
  beforeEach(async () => {
    network = await createNetworkNamespace();
    folder = await mkdtemp(join(tmpdir(), 'letterlock-discovery-'));
  });
  afterEach(async () => {
    for (const process of processes.splice(0).reverse()) await process.stop();
    await network.close();
    await rm(folder, { recursive: true, force: true });
  });
  const start: NetworkNamespace['start'] = async (...args) => {
    const started = await network.start(...args);
    processes.push(started);
    return started;
  };

  it('both adapters keep what the port promises on a real interface, and find what Avahi advertises', async () => {
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'src-main/discovery/network.test.ts'];
    const env = [`LETTERLOCK_TEST_INTERFACE=${namespaceAddress}`, 'NO_COLOR=1'];
    const { code, stdout, stderr } = await network.run('env', [...env, process.execPath, ...vitest]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/18 passed \| 8 skipped/); // the skips are what mdns-js cannot, by name
  });

  it('people find the printer that a node shares, and what they print there is theirs', async () => {
    const canary = 'CANARY-shared-printer-6a1f';
    const document = join(folder, 'document.txt');
    await writeFile(document, canary);
    await start('avahi-publish', ['-s', 'Hall', '_ipps._tcp', '1234'], /Established/);
    const system = await startSystem();
    const hall = await system.startSharingNode('Hall');
    const { name, uri } = hall.printer;
    expect(name).toBe('Hall (2)'); // the neighbour was first

    const browsing = await start(
      'avahi-browse',
      ['-rp', '_ipps._tcp'],
      new RegExp(`^=;v0;.*;${new URL(uri.replace('ipps', 'https')).port};`)
    );
    const txt = (await browsing.logged(/^=;v0;.*Hall\\032\\0402\\041;/)).split(';').at(-1);
    for (const word of ['"rp=ipp/print"', '"TLS=1.2"', '"air=username,password"', '"Color=T"', '"txtvers=1"'])
      expect(txt).toContain(word);
    expect(txt).toMatch(/"pdl=application\/pdf,.*image\/urf.*"/);
    for (const type of ['_ipps._tcp,_universal', '_ipps._tcp,_print']) {
      expect((await network.run('ippfind', ['-T', '3', type])).stdout.trim()).toBe(uri);
    }
    const plain = (await network.run('ippfind', ['-T', '3', '_ipp._tcp,_universal', '--ls'])).stdout;
    expect(plain).toContain(`${uri.replace('ipps:', 'ipp:')} idle accepting-jobs none`);

    const print = async (credentials: string, scheme: string) => {
      const target = uri.replace('ipps://', `${scheme}://${credentials}@`);
      const args = ['-tv', '-f', document, '-d', 'filetype=application/octet-stream', target, 'print-job.test'];
      return (await network.run('ipptool', args)).stdout;
    };
    const [user] = system.line.users;
    expect(await print(`${user?.name}:${user?.pin}`, 'ipps')).toMatch(
      /\[PASS\][\s\S]*job-state-reasons \(keyword\) = queued-in-device/
    );
    expect(await print(`${user?.name}:${user?.pin}`, 'ipp')).toContain('[PASS]'); // it is told to upgrade to TLS, and does
    expect(await print(`${user?.name}:00000000`, 'ipps')).toMatch(/\[FAIL\][\s\S]*client-error-not-authenticated/);
    const jobs = await system.json<Output<'admin.job.list'>>('admin', 'job', 'list');
    expect(jobs.map(({ state, owner }) => ({ state, owner }))).toEqual(
      Array(2).fill({ state: 'held', owner: user?.name })
    );
    await rm(document);
    expect(await filesContaining(folder, [canary])).toEqual([]);

    await hall.process.stop();
    await browsing.logged(/^-;v0;IPv4;Hall\\032\\0402\\041;/);
  });

  /** Coordinator and nodes in the network; people print at what one more node shares. */
  async function startSystem() {
    const without = 'client,station,printer,document';
    const demo = ['build/demo.mjs', '--headless', '--json', '--data', folder, '--without', without];
    const line = JSON.parse(await (await start(process.execPath, demo, /^\{"/)).logged(/^\{"/)) as DemoLine;
    const [node = '', entry = ''] = line.cli;
    const letterlock = async (data: string, ...args: string[]) => {
      const { code, stdout, stderr } = await network.run(node, [entry, '--data', data, ...args]);
      if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    const json = async <T>(...args: string[]): Promise<T> =>
      JSON.parse(await letterlock(folder, ...args, '--json')) as T;
    return {
      line,
      json,
      async startSharingNode(name: string) {
        const data = join(folder, 'sharing');
        const token = join(folder, 'token');
        await json('admin', 'policy', 'set', '--shared-printers', 'on');
        await writeFile(
          token,
          (await json<Output<'admin.token.create'>>('admin', 'token', 'create', '--roles', 'node')).token
        );
        const share = ['--host', namespaceAddress, '--share-printer', '--share-name', name];
        const process = await start(node, [entry, '--data', data, 'node', 'run', ...share], /^\{"role"/);
        await letterlock(data, 'pair', '--role', 'node', '--token', `@${token}`, '--name', 'hall');
        const watching = await start(
          node,
          [entry, '--data', data, 'state', '--role', 'node', '--watch'],
          /"sharedPrinter":\{"name":"Hall \(2\)"/
        );
        const state = JSON.parse(await watching.logged(/"sharedPrinter":\{"name":"Hall \(2\)"/)) as NodeState;
        return { process, printer: state.sharedPrinter ?? { name: '', uri: '' } };
      }
    };
  }
});
