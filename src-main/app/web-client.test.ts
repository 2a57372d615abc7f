import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actor, createRig, type Rig } from '../coordinator/testing/rig.ts';
import { callWeb, type WebServer } from './web-client.ts';

let rig: Rig;
let to: WebServer;
beforeAll(async () => {
  rig = await createRig();
  const { token } = await rig.coordinator.handlers['admin.api-token.create'](
    { name: 'command line', scopes: ['user:manage'], days: 1 },
    actor
  );
  to = { server: rig.coordinator.webUrl, token, authority: await readFile(join(rig.dataDir, 'authority.pem')) };
}, 60_000);
afterAll(() => rig.close());

test('calls a coordinator over HTTPS with an API token', async () => {
  expect(await callWeb(to, 'admin.user.add', { name: 'Ada' })).toMatchObject({ name: 'Ada' });
  await expect(callWeb(to, 'admin.user.add', { name: 'Ada' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(callWeb(to, 'admin.key.rotate', {})).rejects.toMatchObject({ code: 'not-allowed' });
});

test('gives the token to nobody but that coordinator', async () => {
  await expect(callWeb({ ...to, authority: undefined }, 'admin.user.list', {})).rejects.toMatchObject({
    code: 'certificate-invalid'
  });
  const server = rig.coordinator.webUrl.replace('https', 'http');
  await expect(callWeb({ ...to, server }, 'admin.user.list', {})).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(callWeb({ ...to, server: 'https://127.0.0.1:1' }, 'admin.user.list', {})).rejects.toMatchObject({
    code: 'coordinator-unreachable'
  });
});
