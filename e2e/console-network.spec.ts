import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';

/** A line that is slow and loses requests. */
const opened = openConsole('jemison');

test('a slow line that loses requests is no reason to wait twice', async () => {
  const { page, admin } = opened;
  const network = await opened.context.newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: 200_000,
    uploadThroughput: 100_000
  });
  // Every answer of a page is asked for before the first one of them comes.
  for (const name of ['Overview', 'Approvals', 'Mesh']) {
    const asked: string[] = [];
    let answered = false;
    const onRequest = (request: { url(): string }) => {
      if (request.url().includes('/api/rpc/')) asked.push(`${answered ? 'late ' : ''}${request.url()}`);
    };
    const onResponse = (response: { url(): string }) => {
      answered ||= response.url().includes('/api/rpc/');
    };
    page.on('request', onRequest);
    page.on('response', onResponse);
    await admin.goTo(name);
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
    page.off('request', onRequest);
    page.off('response', onResponse);
    expect(asked.filter((url) => url.startsWith('late'))).toEqual([]);
  }
  let count = 0;
  await page.route('**/api/rpc/**', (route) =>
    route.request().method() === 'GET' && count++ % 3 === 0 ? route.abort() : route.continue()
  );
  await page.reload();
  await admin.goTo('Printers');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.unroute('**/api/rpc/**');
  await network.detach();
});
