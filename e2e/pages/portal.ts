import type { Page } from '@playwright/test';

/** The user portal as a person uses it. */
export class PortalPage {
  constructor(
    readonly page: Page,
    readonly url: string
  ) {}

  async open(): Promise<void> {
    await this.page.goto(`${this.url}/portal`);
  }

  async signIn(name: string, pin: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.page.getByLabel('PIN').fill(pin);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  async changePin(present: string, next: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Change my PIN' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Change my PIN' });
    await dialog.getByLabel('Present PIN').fill(present);
    await dialog.getByLabel('New PIN').fill(next);
    await dialog.getByLabel('The new one once more').fill(next);
    await dialog.getByRole('button', { name: 'Change my PIN' }).click();
  }
}
