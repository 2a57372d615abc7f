import { expect, type Locator, type Page } from '@playwright/test';

/** The client window as a person uses it: by names and roles, never by markup. */
export class ClientPage {
  constructor(readonly page: Page) {}

  async pair(coordinator: string, name: string): Promise<string> {
    await this.page.getByRole('textbox', { name: 'Coordinator address or enrollment token' }).fill(coordinator);
    await this.page.getByRole('textbox', { name: 'Name of this machine' }).fill(name);
    await this.page.getByRole('button', { name: 'Start pairing' }).click();
    return await readPairingCode(this.page);
  }

  async expectPaired(organization: string): Promise<void> {
    await expect(this.page.getByText(organization, { exact: true })).toBeVisible();
    await expect(this.page.getByRole('heading', { name: 'Compare this code' })).toBeHidden();
  }

  async expectReady(): Promise<void> {
    await expect(this.page.getByRole('region', { name: 'Virtual printer' }).getByText('Ready')).toBeVisible();
    await expect(this.page.getByRole('status', { name: 'Connection' })).toContainText('Online');
  }

  /** `ipp://127.0.0.1:…`: what other programs print to. */
  async virtualPrinter(): Promise<string> {
    const shown = this.page.getByRole('region', { name: 'Virtual printer' }).getByText(/ipp:\/\//);
    return (await shown.innerText()).replaceAll(/\s/g, '');
  }

  job(title: string): Locator {
    return this.page.getByRole('listitem', { name: title, exact: true });
  }

  async expectJob(title: string, state: string): Promise<void> {
    await expect(this.job(title)).toContainText(state, { timeout: 30_000 });
  }

  async openRelease(title: string): Promise<void> {
    await this.job(title)
      .getByRole('button', { name: `Release ${title}` })
      .click();
    await expect(this.releaseDialog()).toBeVisible();
  }

  async release(printer: string, pin: string): Promise<void> {
    const dialog = this.releaseDialog();
    await dialog.getByRole('radio', { name: printer }).check();
    await dialog.getByRole('textbox', { name: 'PIN' }).fill(pin);
    await dialog.getByRole('button', { name: 'Release now' }).click();
  }

  async expectReleased(): Promise<void> {
    const dialog = this.releaseDialog();
    await expect(dialog.getByRole('heading', { name: 'Printed', exact: true })).toBeVisible({ timeout: 30_000 });
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  }

  private releaseDialog(): Locator {
    return this.page.getByRole('dialog', { name: 'Release at a printer' });
  }

  async cancel(title: string): Promise<void> {
    await this.job(title)
      .getByRole('button', { name: `Cancel ${title}` })
      .click();
    await this.page.getByRole('button', { name: 'Cancel the job' }).click();
  }
}

/** Both windows show it alike: six digits in two groups, read out one by one. */
export async function readPairingCode(page: Page): Promise<string> {
  const name = await page.getByRole('img', { name: 'Pairing code' }).getAttribute('aria-label', { timeout: 30_000 });
  return name?.replaceAll(/\D/g, '') ?? '';
}
