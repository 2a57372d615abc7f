import { writeFileSync } from 'node:fs';
import { startMailServer } from '../src-main/coordinator/mail/testing/mail-server.ts';
import { PortalPage } from './pages/portal.ts';
import { complaints, test } from './support/browser.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

const linkIn = (text: string) => /https:\S+/.exec(text)?.[0] ?? '';

test('who was invited by mail signs in by mail, from another site’s page, in the browser that asked', async ({
  browser,
  system
}, { outputDir }) => {
  const server = await startMailServer();
  const { host, port, user, from, authority } = server.settings;
  const ca = `${outputDir}-ca.pem`;
  const password = `${outputDir}-password`;
  writeFileSync(ca, authority ?? '');
  writeFileSync(password, server.password);
  const mail = (...args: string[]) => system.letterlock('admin', 'mail', ...args);
  const whom = ['--user', user ?? '', '--password', `@${password}`];
  await mail('set', '--host', host, '--port', String(port), '--from', from, '--ca', ca, ...whom);
  await system.letterlock('admin', 'user', 'rules', 'set', '--email-sign-in', 'on');
  const person = ['--name', 'lamarr', '--email', 'lamarr@example.org'];
  const made = await system.letterlock('admin', 'invitation', 'create', ...person);
  expect(made).toMatchObject({ link: null, mailedTo: 'lamarr@example.org' });

  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const complained = complaints(page);
  await page.goto(linkIn((await server.mail(1)).text));
  await page.getByLabel('PIN, digits only').fill('847261');
  await page.getByLabel('The same PIN again').fill('847261');
  await page.getByRole('button', { name: 'Set my PIN' }).click();

  await new PortalPage(page, system.web.url).open();
  await page.getByRole('button', { name: 'Mail me a link' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('lamarr@example.org');
  await page.getByRole('dialog').getByRole('button', { name: 'Mail me a link' }).click();
  const link = linkIn((await server.mail(2)).text);

  const elsewhere = await browser.newContext({ ignoreHTTPSErrors: true });
  const other = await elsewhere.newPage();
  await other.goto(link);
  await expect(other.getByRole('alert')).toContainText('another browser');
  await elsewhere.close();

  await page.goto(`data:text/html,<a href="${link}">as in a web mailer</a>`);
  await page.getByRole('link').click();
  await expectWhole(page, 'sign-in-link');
  await page.getByRole('button', { name: 'Sign in as lamarr' }).click();
  await expect(page.getByText('Signed in as lamarr')).toBeVisible();
  await page.goto(link);
  await expect(page.getByRole('alert')).toContainText('unknown, used or over');
  expect(complained()).toEqual([]);
  await context.close();
  await server.close();
});
