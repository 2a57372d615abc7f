import { writeFileSync } from 'node:fs';
import { startMailServer } from '../src-main/coordinator/mail/testing/mail-server.ts';
import { PortalPage } from './pages/portal.ts';
import { complaints, test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** Mail: the page with the server that takes it, and what people do with what it brings. */
const opened = openConsole('bell');

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

test('the page shows the server, sends a test, says what the server refuses, and forgets it', async ({ system }, {
  outputDir
}) => {
  const { page, admin } = opened;
  await admin.open('mail');
  await admin.button('Remove the mail server').click();
  await admin.confirm('Remove the mail server?', 'Remove the mail server');
  await admin.expectNotice('Nothing is mailed any more');
  await expect(admin.field('Host')).toHaveValue('');
  await admin.field('Host').fill('127.0.0.1');
  await page.getByLabel('Port').fill('1');
  await page.getByLabel('Whom mails come from').fill('letterlock@example.org');
  await admin.button('Ask the server and save').click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expectWhole(page, 'mail-refused');

  const server = await startMailServer();
  const { host, port, user, from, authority } = server.settings;
  const ca = `${outputDir}-ca.pem`;
  const password = `${outputDir}-password`;
  writeFileSync(ca, authority ?? '');
  writeFileSync(password, server.password);
  const whom = ['--user', user ?? '', '--password', `@${password}`];
  const place = ['--host', host, '--port', String(port), '--from', from, '--ca', ca];
  await system.letterlock('admin', 'mail', 'set', ...place, ...whom);
  await expect(admin.field('Host')).toHaveValue(host);
  await page.getByLabel('Send a test to').fill('hopper@example.org');
  await page.keyboard.press('Enter');
  await admin.expectNotice('The server has taken a mail to hopper@example.org');
  expect((await server.mail(1)).to).toEqual(['hopper@example.org']);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await expectWhole(page, `mail-${scheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await server.close();
});
