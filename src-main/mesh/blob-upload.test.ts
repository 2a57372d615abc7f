import { Agent, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selfSigned } from '../../tests/support/certificates.ts';
import { systemClock } from '../base/clock.ts';
import { limits, MiB } from '../base/limits.ts';
import { openBlobUpload } from './blob-upload.ts';

let given = 0;
/** A node that never comes to the end of its answer. */
const server = createServer(selfSigned(), (request, response) => {
  request.resume();
  response.on('error', () => {});
  response.writeHead(200, { 'content-type': 'application/json' });
  const chatter = Buffer.alloc(MiB, ' ');
  const go = () => {
    while (!response.destroyed && given < 512 * MiB) {
      given += chatter.length;
      if (!response.write(chatter)) return void response.once('drain', go);
    }
  };
  go();
});
const agent = new Agent({ rejectUnauthorized: false });
beforeEach(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

test('an answer without end is not collected', async () => {
  const upload = openBlobUpload({
    agent,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: '/v1/replicas/x/blob',
    signal: new AbortController().signal,
    clock: systemClock,
    giveUp: async () => {}
  });
  await expect(upload.end()).rejects.toMatchObject({ code: 'too-large' });
  expect(given).toBeLessThan(limits.jsonLine + 64 * MiB);
});
