import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { actor, type TestDevice, until } from '../../src-main/coordinator/testing/rig.ts';
import { Session } from '../../src-main/protocol/device-api.ts';
import type { Role } from '../../src-preload/contract/index.ts';
import { call } from '../always-verify/call.ts';
import { deviceApi, nodeApi, pairingApi } from '../always-verify/devices.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';
import { type Stranger, strangersLike } from '../always-verify/strangers.ts';

/** Every endpoint for machines, with every wrong identity: real listeners, real TLS, rows of docs/always-verify.md. */
let mesh: Mesh;
let strangers: Stranger[];
let devices: Record<Role, TestDevice>;
let other: TestDevice;
beforeAll(async () => {
  mesh = await startMesh();
  const { rig } = mesh;
  await rig.coordinator.handlers['admin.user.add']({ name: 'Anna', pin: '314159' }, actor);
  await rig.coordinator.handlers['admin.user.add']({ name: 'Ben', pin: '271828' }, actor);
  const client = await rig.pair('laptop', ['client'], 'Anna');
  const station = await rig.pair('kiosk', ['station']);
  other = await rig.pair('other kiosk', ['station']);
  const lost = await rig.pair('lost laptop', ['client', 'station', 'node'], 'Anna');
  devices = { client, station, node: mesh.device };
  await rig.coordinator.handlers['admin.device.revoke']({ id: lost.id }, actor);
  const { organization } = mesh.device;
  await until(organization, () => organization.device(client.id) !== undefined && !organization.device(lost.id));
  strangers = [
    ...(await strangersLike(client, rig.dataDir)),
    { who: 'a revoked device', tls: lost.identity.tls, expected: 'device-not-approved' }
  ];
}, 120_000);
afterAll(() => mesh.close());

const signIn = (device: TestDevice, user: string, pin: string) =>
  device.organization.call('/v1/sessions', { user, pin }, Session);

describe.each([
  ['the device API', deviceApi, () => mesh.rig.coordinator.deviceUrl],
  ['a node', nodeApi, () => mesh.node.url]
] as const)('%s refuses', (_, rows, url) => {
  const endpoints = Object.entries(rows);

  it.each(endpoints)('%s: whoever is not an approved device of this organization', async (endpoint) => {
    const refused = await Promise.all(strangers.map(({ tls }) => call({ url: url(), endpoint }, tls)));
    const got = strangers.map(({ who }, index) => `${who}: ${refused[index]}`);
    expect(got).toEqual(strangers.map(({ who, expected }) => `${who}: ${expected}`));
  });

  const bound = endpoints.filter(([, { roles }]) => roles !== 'any');
  it.each(bound)('%s: every other role', async (endpoint, { roles }) => {
    const wrong = Object.entries(devices).filter(([role]) => !roles.includes(role as Role));
    expect(wrong).not.toHaveLength(0);
    for (const [role, { identity }] of wrong)
      expect(await call({ url: url(), endpoint }, identity.tls), role).toBe('not-allowed');
  });
});

describe('a session is worth nothing', () => {
  const rows = Object.entries(deviceApi).flatMap(([endpoint, { roles, withSession }]) => {
    const role: Role = roles === 'any' ? 'station' : (roles[0] ?? 'client');
    return withSession ? [{ endpoint, withSession, role }] : [];
  });
  const attempt = ({ endpoint, withSession, role }: (typeof rows)[number], session: string) =>
    call({ url: mesh.rig.coordinator.deviceUrl, endpoint, body: withSession(session) }, devices[role].identity.tls);

  it.each(rows)('$endpoint: that nobody opened', async (row) => {
    expect(await attempt(row, 'A'.repeat(43))).toBe('session-expired');
  });
  it.each(rows)('$endpoint: at another device than its own', async (row) => {
    const { session } = await signIn(other, 'Anna', '314159');
    expect(await attempt(row, session)).toBe('session-expired');
  });
  it.each(rows)('$endpoint: after it was ended', async (row) => {
    const device = devices[row.role];
    const { session } = await signIn(device, 'Anna', '314159');
    await device.organization.call('/v1/sessions/end', { session }, z.object({}));
    expect(await attempt(row, session)).toBe('session-expired');
  });
  it.each(rows)('$endpoint: after idleness', async (row) => {
    const { session } = await signIn(devices[row.role], 'Anna', '314159');
    mesh.rig.clock.advance(121_000);
    expect(await attempt(row, session)).toBe('session-expired');
  });
  it.each(rows)('$endpoint: after its user was suspended', async (row) => {
    const { session, user } = await signIn(devices[row.role], 'Ben', '271828');
    const suspend = (suspended: boolean) =>
      mesh.rig.coordinator.handlers['admin.user.suspend']({ id: user.id, suspended }, actor);
    await suspend(true);
    expect(await attempt(row, session)).toBe('session-expired');
    await suspend(false);
  });
});

describe('the pairing listener', () => {
  it.each(Object.keys(pairingApi))('%s: nothing of what a stranger makes up counts', async (endpoint) => {
    const url = mesh.rig.coordinator.pairingUrl;
    expect(await call({ url, endpoint }, null)).toBe('input-invalid');
    const nonce = 'A'.repeat(43);
    if (endpoint.includes(':id')) expect(await call({ url, endpoint, body: { nonce } }, null)).toBe('not-found');
  });
});
