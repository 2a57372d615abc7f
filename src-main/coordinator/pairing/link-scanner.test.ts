import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchRoutes } from '../../../tests/always-verify/routes.ts';
import { readPairingLink } from '../../shell/pairing-link.ts';
import { actor, createRig, type Rig } from '../testing/rig.ts';

/** What mail servers and chat programs do with a link before a person sees it: fetch it, and whatever they find behind it. */
const routes = watchRoutes();
let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
}, 60_000);
afterAll(async () => {
  routes.stop();
  await rig.close();
});

function fetched(url: string, method: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'sec-purpose': 'prefetch', purpose: 'prefetch' };
    const sent = request(url, { method, agent: false, rejectUnauthorized: false, headers }, async (response) => {
      if (response.headers['content-type']?.startsWith('text/event-stream')) return resolve('');
      let text = String(response.headers.location ?? '');
      for await (const chunk of response) text += String(chunk);
      resolve(text);
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** Fetches every address that it knows or finds, by every method that is meant to have no effect. Returns the pages. */
async function scan(starts: readonly string[]): Promise<string[]> {
  const seen = new Set(starts);
  const pages: string[] = [];
  for (const url of seen) {
    for (const method of ['HEAD', 'OPTIONS', 'GET']) pages.push(await fetched(url, method));
    const found = pages.at(-1)?.matchAll(/(?:href|src|action)="([^"]+)"|^(\/\S*)/g) ?? [];
    for (const [, link, location] of found) {
      const next = new URL(link ?? location ?? '', url);
      if (next.protocol === 'https:') seen.add(next.href);
    }
  }
  return pages;
}

test('a scanner that fetches everything, with a token in hand, pairs nothing and uses nothing up', async () => {
  const { coordinator } = rig;
  const { handlers, webUrl, pairingUrl } = coordinator;
  const made = await handlers['admin.token.create']({ roles: ['client'], maxUses: 1, hours: 1 }, actor);
  const rows = async () => (await handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor)).length;
  const before = { rows: await rows(), devices: await handlers['admin.device.list']({}, actor) };

  const everywhere = [webUrl, pairingUrl].flatMap((url) =>
    routes.at(url).map((route) => `${url}${route.split(' ')[1]?.replaceAll(/:[a-z]+|\*/g, made.id)}`)
  );
  const withToken = everywhere.map(
    (url) => `${url}?token=${made.token}&input=${encodeURIComponent('{"approve":true}')}`
  );
  const pages = await scan([...everywhere, ...withToken]);
  expect(pages.join('\n')).toContain('letterlock://pair?coordinator=');
  expect(pages.join('\n')).not.toContain(made.token.split('.')[2]);

  expect(await rows()).toBe(before.rows);
  expect(await handlers['admin.device.list']({}, actor)).toEqual(before.devices);
  expect(await handlers['admin.pairing.list']({}, actor)).toEqual([]);
  const [token] = await handlers['admin.token.list']({}, actor);
  expect(token).toMatchObject({ id: made.id, uses: 0 });
});

test('the landing page offers the link that the program understands', async () => {
  const { webUrl, pairingUrl } = rig.coordinator;
  const [, link = ''] = /href="(letterlock:[^"]+)"/.exec(await fetched(`${webUrl}/pair`, 'GET')) ?? [];
  expect(readPairingLink(link)).toBe(new URL(pairingUrl).host);
});
