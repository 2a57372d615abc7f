import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src-main/ipp/registry.ts';
import { ShellMessage } from '../../src-main/protocol/engine-channel.ts';
import { type EventName, events, type Procedure, procedures } from '../../src-preload/contract/index.ts';
import { deviceApi, nodeApi, pairingApi } from '../always-verify/devices.ts';
import { alwaysVerify } from '../always-verify/document.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';
import { engineMessages, listeners, printerOperations, webPaths } from '../always-verify/others.ts';
import { eventRows, procedureRows } from '../always-verify/procedures.ts';
import { watchRoutes } from '../always-verify/routes.ts';

/** Every endpoint that there is has a row in docs/always-verify.md, and the other way round. */
const root = resolve(import.meta.dirname, '../..');
const routes = watchRoutes();
let mesh: Mesh;
beforeAll(async () => {
  mesh = await startMesh();
}, 120_000);
afterAll(async () => {
  routes.stop();
  await mesh.close();
});

/** Names what is missing, and where it belongs. */
function compare(file: string, rows: object, found: readonly string[]): string[] {
  const known = Object.keys(rows);
  return [
    ...found.filter((name) => !known.includes(name)).map((name) => `tests/always-verify/${file} has no row '${name}'`),
    ...known.filter((name) => !found.includes(name)).map((name) => `tests/always-verify/${file}: there is no '${name}'`)
  ];
}

/** As the rows write it. */
function access({
  callers,
  ...how
}: {
  readonly callers: readonly string[];
  scope?: string;
  fresh?: true;
  safe?: true;
}) {
  const admin = `admin${how.scope ? ` with ${how.scope}` : ''}${how.fresh ? ', confirmed' : ''}`;
  return [...callers.map((caller) => (caller === 'admin' ? admin : caller)), ...(how.safe ? ['GET'] : [])].join('; ');
}

describe('always verify: a row for', () => {
  it('each route of the device API', () => {
    expect(compare('devices.ts', deviceApi, routes.at(mesh.rig.coordinator.deviceUrl))).toEqual([]);
  });
  it('each route of the pairing listener', () => {
    expect(compare('devices.ts', pairingApi, routes.at(mesh.rig.coordinator.pairingUrl))).toEqual([]);
  });
  it('each route of a node', () => {
    expect(compare('devices.ts', nodeApi, routes.at(mesh.node.url))).toEqual([]);
  });
  it('each route of the web listener', () => {
    expect(compare('others.ts', webPaths, routes.at(mesh.rig.coordinator.webUrl))).toEqual([]);
  });

  it('each procedure, with the callers and rights that it was meant to have', () => {
    const names = Object.keys(procedures) as Procedure[];
    const missing = names.filter((name) => !procedureRows[name]);
    expect(
      missing.map(
        (name) => `add to tests/always-verify/procedures.ts: '${name}': may('${access(procedures[name])}', …)`
      )
    ).toEqual([]);
    expect(compare('procedures.ts', procedureRows, names)).toEqual([]);
    const other = names.filter((name) => procedureRows[name]?.access !== access(procedures[name]));
    expect(
      other.map(
        (name) => `'${name}': the row says ${procedureRows[name]?.access}, the contract ${access(procedures[name])}`
      )
    ).toEqual([]);
  });
  it('each event of the contract', () => {
    const names = Object.keys(events) as EventName[];
    expect(Object.fromEntries(names.map((name) => [name, access(events[name])]))).toEqual(eventRows);
  });

  it('each operation of the printer', () => {
    expect(compare('others.ts', printerOperations, Object.keys(operations))).toEqual([]);
  });
  it('each message from the shell to the engine', () => {
    const types = ShellMessage.options.map(({ shape }) => shape.type.value);
    expect(compare('others.ts', engineMessages, types)).toEqual([]);
  });
  it('each source file that opens a listener', () => {
    const sources = readdirSync(join(root, 'src-main'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)testing\//.test(file))
      .map((file) => `src-main/${file}`);
    const opening = sources.filter((file) => /\.listen\(|createSocket\(/.test(readFileSync(join(root, file), 'utf8')));
    expect(compare('others.ts', listeners, opening)).toEqual([]);
  });

  it('the page says what the rows say', async () => {
    await expect(alwaysVerify()).toMatchFileSnapshot(join(root, 'docs/always-verify.md'));
  });
});
