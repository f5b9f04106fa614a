import type { Page } from 'playwright-core';

interface Checkout {
  readonly sandbox: string;
  readonly clientSecret: string;
  readonly returnUrl: string;
  /** By its published name, for example `pm_card_visa`. */
  readonly card: string;
}

/** The sandbox's page that does what Stripe.js does on a shop's. */
export class CheckoutPage {
  constructor(private readonly page: Page) {}

  async pay({ sandbox, clientSecret, returnUrl, card }: Checkout): Promise<void> {
    const query = new URLSearchParams({ client_secret: clientSecret, return_url: returnUrl });
    await this.page.goto(`${sandbox}/checkout?${query.toString()}`);
    await this.page.getByLabel('Test card').selectOption(card);
    await this.page.getByRole('button', { name: 'Pay' }).click();
  }
}
