import type { Page } from 'playwright-core';

/** The page on which people log in with a browser. */
export class LoginPage {
  private constructor(
    readonly page: Page,
    private readonly origin: string,
  ) {}

  static async open(page: Page, origin: string): Promise<LoginPage> {
    const opened = new LoginPage(page, origin);
    await opened.load();
    return opened;
  }

  /** Loads the page anew: what it held in its memory is gone, and its cookies are not. */
  async load(): Promise<void> {
    await this.page.goto(`${this.origin}/login`);
    await this.page.locator('form:not([hidden]), #inside:not([hidden])').first().waitFor();
  }

  async enter(email: string, password: string): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  async logIn(email: string, password: string): Promise<void> {
    await this.enter(email, password);
    await this.page.getByText(`You are logged in as ${email}.`).waitFor();
  }

  async press(name: 'Log out' | 'Log out everywhere'): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
    await this.page.getByText('You are logged out.').waitFor();
  }

  isLoggedIn(): Promise<boolean> {
    return this.page.locator('#inside').isVisible();
  }

  /** What a script of this page is answered. */
  status(path: string): Promise<number> {
    return this.page.evaluate(`fetch('${path}').then((reply) => reply.status)`);
  }
}
