import { expect, type Locator, type Page } from '@playwright/test';
import { readPairingCode } from './client.ts';

/** The station as a person uses it: everything by touch. */
export class StationPage {
  constructor(readonly page: Page) {}

  async pair(coordinator: string, name: string): Promise<string> {
    await this.page.getByRole('textbox', { name: 'Coordinator address or enrollment token' }).fill(coordinator);
    await this.page.getByRole('textbox', { name: 'Name of this machine' }).fill(name);
    await this.page.getByRole('button', { name: 'Start pairing' }).click();
    return await readPairingCode(this.page);
  }

  async expectWelcome(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'Your documents wait sealed' })).toBeVisible();
  }

  /** Letters on the screen's keyboard, digits on its number pad. */
  async signIn(user: string, pin: string): Promise<void> {
    const keyboard = this.page.getByRole('group', { name: 'Keyboard' });
    for (const letter of user) await keyboard.getByRole('button', { name: letter, exact: true }).click();
    await this.page.getByRole('button', { name: 'Next' }).click();
    await this.typePin(pin);
  }

  /** After a wrong PIN the name stays and the number pad is there again. */
  async typePin(pin: string): Promise<void> {
    const pad = this.page.getByRole('group', { name: 'Number pad' });
    for (const digit of pin) await pad.getByRole('button', { name: digit, exact: true }).click();
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  async expectSignedIn(user: string): Promise<void> {
    await expect(this.page.getByText(`Signed in as ${user}`)).toBeVisible();
  }

  document(title: string): Locator {
    return this.page.getByRole('checkbox', { name: title, exact: true });
  }

  async choose(...titles: string[]): Promise<void> {
    for (const title of titles) {
      const document = this.document(title);
      if (!(await document.isChecked())) await document.click();
      await expect(document).toBeChecked();
    }
  }

  async print(printer: string): Promise<void> {
    await this.page.getByRole('radio', { name: printer }).check();
    await this.page.getByRole('button', { name: /^Print \d/ }).click();
  }

  async expectPrinted(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: /printed$/ })).toHaveText(/^Your/, { timeout: 30_000 });
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
  }
}
