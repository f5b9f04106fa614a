import request from 'supertest';
import { Accounts, PASSWORD } from './users.support.js';

/** Stays after a logout: it opens nothing, and keeps the guesses of strangers from locking the owner out. */
export const DEVICE = '__Host-purser-device';
export const COOKIES = ['__Host-purser-csrf', '__Host-purser-access', '__Host-purser-refresh'] as const;

/** What a page of the shop adds to whatever it sends, by itself. */
export function ownPage({ config }: Accounts): Record<string, string> {
  return { Origin: new URL(config.PUBLIC_URL).origin, 'Sec-Fetch-Site': 'same-origin' };
}

/** A page that is logged in by cookies: its jar, and the token its script holds. */
export class LoggedInPage {
  private readonly jar = new Map<string, string>();
  csrfToken = '';

  constructor(private readonly accounts: Accounts) {}

  static async of(accounts: Accounts, email: string): Promise<LoggedInPage> {
    const page = new LoggedInPage(accounts);
    const reply = await page.send('post', '/auth/login').send({ email, password: PASSWORD, mode: 'cookie' });
    expect(reply.status).toBe(200);
    page.take(reply);
    return page;
  }

  /** Keeps the cookies of an answer, and its token, as a browser and its page do. */
  take({ headers, body }: { headers: Record<string, unknown>; body: { csrfToken?: string } }): void {
    for (const line of setCookies(headers)) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') this.jar.delete(name);
      else this.jar.set(name, value);
    }
    this.csrfToken = body.csrfToken ?? this.csrfToken;
  }

  /** The `Cookie` header, with some cookies left out or replaced. */
  cookies(changed: Readonly<Record<string, string | null>> = {}): string {
    const all = Object.entries({ ...Object.fromEntries(this.jar), ...changed });
    return all.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`])).join('; ');
  }

  get sessionId(): string {
    return (this.jar.get('__Host-purser-refresh') ?? '').slice(0, 36);
  }

  cookie(name: (typeof COOKIES)[number]): string | undefined {
    return this.jar.get(name);
  }

  /** As a script of the page sends it. */
  send(method: 'get' | 'post' | 'patch' | 'delete', path: string): request.Test {
    return this.forged(method, path).set({ ...ownPage(this.accounts), 'X-CSRF-Token': this.csrfToken });
  }

  /** With the cookies, and nothing that only a page of ours would add. */
  forged(method: 'get' | 'post' | 'patch' | 'delete', path: string): request.Test {
    return this.accounts.call(method, path).set('Cookie', this.cookies());
  }
}

export function setCookies(headers: Record<string, unknown>): string[] {
  const lines = headers['set-cookie'];
  return Array.isArray(lines) ? (lines as string[]) : [];
}
