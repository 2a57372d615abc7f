import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expectWhole } from './support/whole.ts';

/** Every page of the console: whole, accessible and free of errors, at any width. */
const opened = openConsole('bassi');

const names = [
  'Overview',
  'Approvals',
  'Jobs',
  'Mesh',
  'Reports',
  'Users',
  'Groups',
  'Devices',
  'Printers',
  'Sites',
  'Policy',
  'Keys',
  'Tokens',
  'Single sign-on',
  'Audit log',
  'Administrators'
];
const paths = [
  '',
  'approvals',
  'jobs',
  'mesh',
  'reports',
  'users',
  'groups',
  'devices',
  'printers',
  'sites',
  'policy',
  'keys',
  'tokens',
  'sign-on',
  'audit',
  'admins'
];

const reachedFromElsewhere = [
  'invitations',
  'user-rules',
  'policy-explain',
  'policy-history',
  'mail',
  'forwarding',
  'account',
  'setup'
];

for (const scheme of ['light', 'dark'] as const) {
  test(`every page is whole, accessible and free of errors, ${scheme}`, async () => {
    const { page, admin } = opened;
    await page.emulateMedia({ colorScheme: scheme });
    for (const name of names) {
      await test.step(name, async () => {
        await admin.goTo(name);
        await expectWhole(page, `${name.toLowerCase().replaceAll(' ', '-')}-${scheme}`);
      });
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });
}

test('every page fits a narrow window', async () => {
  const { page, admin } = opened;
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of [...paths, ...reachedFromElsewhere]) {
    await admin.open(path);
    await expectWhole(page, `narrow-${path || 'overview'}`);
  }
  await admin.button('Navigation').click();
  await admin.goTo('Users');
  await page.setViewportSize({ width: 1280, height: 800 });
});
