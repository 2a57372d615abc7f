import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './support/program.ts';

/** What a page that was taken over could still do: nothing that the contract does not allow it anyway. */
interface PageWorld {
  letterlock: { surface: string; call(procedure: unknown, input: unknown): Promise<{ ok: boolean; code?: string }> };
  reached?: boolean;
}

test('the page has no Node, and the bridge is all there is', async ({ open }) => {
  const { page } = await open();
  const seen = await page.evaluate(() => {
    const world = globalThis as unknown as Record<string, unknown>;
    const bridge = world.letterlock as object;
    return {
      node: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in world),
      bridge: Object.keys(bridge).sort(),
      frozen: (() => {
        try {
          (bridge as { call: unknown }).call = () => 'replaced';
        } catch {}
        return String((bridge as { call: unknown }).call).includes('replaced');
      })()
    };
  });
  expect(seen).toEqual({ node: [], bridge: ['call', 'on', 'surface'], frozen: false });
});

test('the content security policy holds', async ({ open }) => {
  const { page } = await open();
  const reached = await page.evaluate(async () => {
    const world = globalThis as unknown as PageWorld;
    const attempts: Record<string, () => unknown> = {
      'inline script': () => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.reached = true';
        document.head.append(script);
      },
      'inline handler': () => {
        const button = document.createElement('button');
        button.setAttribute('onclick', 'globalThis.reached = true');
        document.body.append(button);
        button.click();
        button.remove();
      },
      'javascript: url': () => {
        const link = document.createElement('a');
        link.href = 'javascript:globalThis.reached = true';
        document.body.append(link);
        link.click();
        link.remove();
      },
      // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested
      eval: () => globalThis.eval('globalThis.reached = true'),
      Function: () => new Function('globalThis.reached = true')(),
      'string timer': () => setTimeout('globalThis.reached = true' as unknown as () => void),
      'html sink': () => {
        document.createElement('div').innerHTML = '<img src=x onerror="globalThis.reached = true">';
      },
      'script from data:': () => import(/* @vite-ignore */ `data:text/javascript,${'globalThis.reached = true'}`),
      'script from elsewhere': () => import(/* @vite-ignore */ `https://${'127.0.0.1'}/a.js`)
    };
    const reached: string[] = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      delete world.reached;
      try {
        await attempt();
      } catch {}
      await new Promise((resolve) => setTimeout(resolve)); // a task later: what was let in has run by then
      if (world.reached) reached.push(name);
    }
    return reached;
  });
  expect(reached).toEqual([]);
});

test('nothing is fetched from anywhere, not even from a file', async ({ open }) => {
  const { page } = await open();
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'image/svg+xml' });
    response.end('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const loaded = await page.evaluate(async (elsewhere) => {
    const settled = (open: (resolve: () => void, reject: () => void) => void) =>
      new Promise<boolean>((resolve) =>
        open(
          () => resolve(true),
          () => resolve(false)
        )
      );
    const fetched = (url: string) => settled((resolve, reject) => void fetch(url).then(resolve, reject));
    const shown = (url: string) =>
      settled((resolve, reject) => Object.assign(new Image(), { onload: resolve, onerror: reject, src: url }));
    const connected = (url: string) =>
      settled((resolve, reject) => Object.assign(new WebSocket(url), { onopen: resolve, onerror: reject }));
    navigator.sendBeacon(elsewhere);
    return Promise.all([
      fetched(elsewhere),
      fetched('file:///etc/passwd'),
      fetched('app://letterlock/client.html'),
      shown(elsewhere),
      connected(elsewhere.replace('http', 'ws')).catch(() => false)
    ]);
  }, `http://127.0.0.1:${port}/`);
  server.close();
  expect(loaded).toEqual([false, false, false, false, false]);
  expect(requests).toBe(0);
});

test('navigation, new windows, frames and permissions are refused', async ({ open }) => {
  const { app, page } = await open();
  const before = page.url();
  await page.evaluate(() => {
    window.open('https://127.0.0.1/');
    window.open('app://letterlock/station.html');
    const link = document.createElement('a');
    link.href = 'https://127.0.0.1/';
    document.body.append(link);
    link.click();
    link.remove();
    location.href = 'app://letterlock/station.html';
  });
  const frames = await page.evaluate(async () => {
    const frame = document.createElement('iframe');
    frame.src = 'app://letterlock/client.html';
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
    const inner = frame.contentWindow as unknown as Record<string, unknown> | null;
    let bridge = false;
    try {
      bridge = typeof inner?.letterlock !== 'undefined';
    } catch {}
    frame.remove();
    return bridge;
  });
  expect(frames).toBe(false);
  expect(page.url()).toBe(before);
  expect(app.windows()).toHaveLength(1);
  const permissions = await page.evaluate(() =>
    Promise.all(
      (['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read'] as PermissionName[]).map((name) =>
        navigator.permissions.query({ name }).then(({ state }) => state)
      )
    )
  );
  expect(new Set(permissions)).toEqual(new Set(['denied']));
});

test('the shell refuses what the contract does not give to this window', async ({ open }) => {
  const uuid = '7d1c1b0e-4a55-4e0e-9c1e-0d2f6a1b2c3d';
  const attempts: [surface: 'client' | 'station', procedure: unknown, input: unknown, code: string][] = [
    ['client', 'station.release', { job: uuid, printer: uuid }, 'not-allowed'],
    ['client', 'admin.user.list', {}, 'not-allowed'],
    ['client', 'admin.key.destroy', { epoch: 1 }, 'not-allowed'],
    ['client', 'no.such', {}, 'not-found'],
    ['client', 'constructor', {}, 'not-found'],
    ['client', { toString: 'client.state' }, {}, 'not-found'],
    ['client', 'client.cancel', { job: '../../etc' }, 'input-invalid'],
    ['client', 'client.cancel', undefined, 'input-invalid'],
    ['client', 'client.state', { role: 'admin' }, 'input-invalid'],
    ['station', 'client.cancel', { job: uuid }, 'not-allowed'],
    ['station', 'station.sign-in', { user: 'ada', pin: 'abcd' }, 'input-invalid']
  ];
  for (const surface of ['client', 'station'] as const) {
    const { app, page } = await open({ role: surface });
    const mine = attempts.filter(([of]) => of === surface);
    const codes = await page.evaluate(
      (calls) =>
        Promise.all(
          calls.map(([procedure, input]) =>
            (globalThis as unknown as PageWorld).letterlock
              .call(procedure, input)
              .then(({ ok, code }) => (ok ? 'ok' : code))
          )
        ),
      mine.map(([, procedure, input]) => [procedure, input])
    );
    expect(codes).toEqual(mine.map(([, , , code]) => code));
    await app.close();
  }
});

test('a window that the shell did not open is not served, even with our preload and page', async ({ open }) => {
  const { app } = await open();
  const [stranger] = await Promise.all([
    app.waitForEvent('window'),
    app.evaluate(({ app, BrowserWindow }) => {
      const preload = `${app.getAppPath()}/out/preload/client.cjs`;
      const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      void window.loadURL('app://letterlock/client.html');
    })
  ]);
  const answer = await stranger.evaluate(() =>
    (globalThis as unknown as PageWorld).letterlock.call('client.state', {})
  );
  expect(answer).toMatchObject({ ok: false, code: 'not-allowed' });
});
