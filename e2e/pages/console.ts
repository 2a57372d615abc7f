import { expect, type Locator, type Page } from '@playwright/test';

/** The admin console as a person uses it: by names and roles, never by markup. */
export class ConsolePage {
  constructor(
    readonly page: Page,
    readonly url: string
  ) {}

  async open(path = ''): Promise<void> {
    await this.page.goto(`${this.url}/admin#/${path}`);
  }

  async signIn(name: string, password: string, code?: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.button('Sign in').click();
    if (code === undefined) return;
    await this.page.getByRole('textbox', { name: 'Code' }).fill(code);
    await this.button('Sign in').click();
  }

  /** In place of the one that somebody else gave. */
  async choosePassword(password: string): Promise<void> {
    await this.page.getByLabel('New password').fill(password);
    await this.page.getByLabel('The same once more').fill(password);
    await this.button('Set password').click();
  }

  async expectSignedIn(organization: string): Promise<void> {
    await expect(this.page.getByRole('navigation', { name: 'Navigation' })).toContainText(organization);
  }

  async goTo(name: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  field(name: string): Locator {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  row(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('button', { name, exact: true }) });
  }

  async choose(...names: string[]): Promise<void> {
    for (const name of names) await this.page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
  }

  async addUser(name: string, pin?: string): Promise<void> {
    await this.button('Add a user').click();
    const dialog = this.page.getByRole('dialog', { name: 'Add a user' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    if (pin !== undefined) await dialog.getByRole('textbox', { name: 'PIN' }).fill(pin);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog).toBeHidden();
  }

  /** What the last act said. */
  async expectNotice(words: string): Promise<void> {
    await expect(this.page.getByText(words, { exact: true })).toBeVisible();
  }

  /** The panel with all that is known of a row. */
  async openRow(name: string): Promise<Locator> {
    await this.button(name).click();
    const panel = this.page.getByRole('dialog', { name, exact: true });
    await expect(panel).toBeVisible();
    return panel;
  }

  async closeRow(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
  }

  async confirm(question: string, answer: string): Promise<void> {
    await this.page.getByRole('dialog', { name: question }).getByRole('button', { name: answer, exact: true }).click();
  }
}
