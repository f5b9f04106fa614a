import type { Locator, Page } from 'playwright-core';

interface Filled {
  readonly body?: object;
  /** Path parameters and headers, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
}

interface Shown {
  readonly status: string;
  readonly body: Record<string, unknown>;
}

/** Swagger UI, used as a person does: unfold, "Try it out", fill in, "Execute", read what came back. */
export class SwaggerPage {
  private constructor(private readonly page: Page) {}

  static async open(page: Page, origin: string): Promise<SwaggerPage> {
    await page.goto(`${origin}/docs`);
    await page.getByRole('heading', { name: /^Purser/ }).waitFor();
    return new SwaggerPage(page);
  }

  /** Types the token into the dialog behind "Authorize". */
  async authorize(token: string): Promise<void> {
    await this.page.locator('.scheme-container button.authorize').click();
    const dialog = this.page.locator('.modal-ux');
    const bearer = dialog.locator('.auth-container').filter({ hasText: 'bearer' });
    await bearer.locator('input').fill(token);
    await bearer.locator('button.authorize').click();
    await dialog.getByText('Authorized').waitFor();
    await bearer.locator('button.btn-done').click();
  }

  /** The operation is named as on the page, for example `POST /v1/orders`. */
  async tryOut(name: string, { body, parameters = {} }: Filled = {}): Promise<Shown> {
    const [method = '', path = ''] = name.split(' ');
    const summary = this.page.locator(`.opblock-summary-path[data-path="${path}"]`);
    const operation = this.page.locator(`.opblock-${method.toLowerCase()}`, { has: summary });
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('button.try-out__btn').click();
    for (const [name, value] of Object.entries(parameters)) {
      await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
    }
    if (body) await operation.locator('textarea.body-param__text').fill(JSON.stringify(body));
    await operation.locator('button.execute').click();
    return shownBy(operation.locator('.live-responses-table'));
  }
}

async function shownBy(answer: Locator): Promise<Shown> {
  const status = await answer.locator('tbody .response-col_status').first().innerText();
  const text = await answer.locator('tbody .response-col_description .highlight-code').first().innerText();
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  return { status: status.trim(), body: JSON.parse(json) as Record<string, unknown> };
}
