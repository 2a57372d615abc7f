import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeState } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import { callControl, watchControl } from './control-client.ts';
import { controlPath } from './control-path.ts';
import { startControlServer } from './control-server.ts';
import type { Dispatch } from './dispatch.ts';
import { createEventBus } from './events.ts';

const state: NodeState = {
  device: { id: null, name: 'test' },
  pairing: { state: 'unpaired' },
  connection: { coordinator: 'offline', directoryAge: null, nodes: [] },
  url: null,
  replicas: 0,
  members: []
};
const dispatch: Dispatch = async (_caller, procedure) =>
  procedure === 'node.state'
    ? { ok: true, value: state }
    : { ok: false, code: 'conflict', message: 'no', detail: String(procedure) };

let folder: string;
let close: () => Promise<void>;
const bus = createEventBus();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-control-'));
  ({ close } = await startControlServer(folder, dispatch, bus));
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

describe('control channel', () => {
  it('answers and refuses with codes', async () => {
    expect(await callControl(folder, 'node.state', {})).toEqual(state);
    await expect(callControl(folder, 'client.cancel', { job: '' as never })).rejects.toMatchObject({
      code: 'conflict'
    });
  });

  it('is open to its own user only', async () => {
    const { mode } = await stat(await controlPath(folder));
    expect(mode & 0o777).toBe(0o600);
  });

  it('says so when nothing runs', async () => {
    await close();
    await expect(callControl(folder, 'node.state', {})).rejects.toMatchObject({ code: 'engine-unreachable' });
  });

  it('keeps a second process out of the folder, and takes over what a crash left', async () => {
    await expect(startControlServer(folder, dispatch, bus)).rejects.toMatchObject({ code: 'conflict' });
    await close();
    await writeFile(await controlPath(folder), '');
    ({ close } = await startControlServer(folder, dispatch, bus));
    expect(await callControl(folder, 'node.state', {})).toEqual(state);
  });

  it('streams the present state first, then each change', async () => {
    const changes = watchControl(folder, 'node.state');
    expect((await changes.next()).value).toEqual(state);
    bus.emit('client.state', {} as never);
    bus.emit('node.state', { ...state, replicas: 2 });
    expect((await changes.next()).value).toMatchObject({ replicas: 2 });
    await changes.return(undefined);
  });

  it('a reader that did not keep up still gets the last one', async () => {
    const changes = watchControl(folder, 'node.state');
    await changes.next();
    const last = 200;
    const name = 'x'.repeat(20_000);
    for (let replicas = 1; replicas <= last; replicas += 1)
      bus.emit('node.state', { ...state, device: { id: null, name }, replicas });
    let seen = 0;
    let reads = 0;
    for (; seen < last; reads += 1) seen = (await changes.next()).value?.replicas ?? last;
    expect(seen).toBe(last);
    expect(reads).toBeLessThan(last);
    await changes.return(undefined);
  });

  it('ends a stream with a code when the role stops', async () => {
    const changes = watchControl(folder, 'node.state');
    await changes.next();
    const next = changes.next();
    await Promise.all([expect(next).rejects.toBeInstanceOf(LetterlockError), close()]);
  });

  it.each([
    ['GET', '/rpc/node.state', ''],
    ['POST', '/rpc/../etc', '{}'],
    ['POST', '/rpc/node.state', '{"half'],
    ['POST', '/', '{}']
  ])('refuses %s %s %s', async (method, path, body) => {
    expect(await raw(method, path, body)).toMatchObject({ ok: false });
  });

  it('refuses a body that is too large without holding it', async () => {
    expect(await raw('POST', '/rpc/node.state', 'x'.repeat(3 * 1024 * 1024))).toMatchObject({
      ok: false,
      code: 'too-large'
    });
  });

  it('a folder whose path is too long for a socket gets one elsewhere, private', async () => {
    const long = join(folder, 'a'.repeat(120));
    const path = await controlPath(long);
    expect(path.length).toBeLessThan(100);
    expect((await stat(join(path, '..'))).mode & 0o077).toBe(0);
    await chmod(join(path, '..'), 0o755);
    await expect(controlPath(long)).rejects.toMatchObject({ code: 'not-allowed' });
    await chmod(join(path, '..'), 0o700);
  });
});

async function raw(method: string, path: string, body: string): Promise<unknown> {
  const socketPath = await controlPath(folder);
  return new Promise((done, fail) => {
    request({ socketPath, path, method }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      done(JSON.parse(text));
    })
      .on('error', fail) // a refused upload breaks the pipe after its answer
      .end(body);
  });
}
