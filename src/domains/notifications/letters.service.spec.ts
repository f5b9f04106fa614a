import {
  type Contact,
  OrderSummaries,
  type OrderSummary,
  PaymentSummaries,
  type PaymentSummary,
  RefundSummaries,
  UserDirectory,
} from '../../contracts/letters.js';
import { type Composed, type Letter, LettersService } from './letters.service.js';
import { Notification, NOTIFICATION_KINDS, type NotificationKind } from './notification.entity.js';

const LINK = 'https://shop.example/v1/auth/verify-email?token=abc.1790000000.d-e_f&lang=en';
const ORDER_ID = '019b76da-a800-7f8e-8e5d-72ff9726dab3';
const PAYMENT_ID = '019b76da-a800-7a3e-8b54-5a0d2c1f9e02';

class OneUser extends UserDirectory {
  constructor(
    private readonly contact: Contact | null,
    private readonly link: string | null,
  ) {
    super();
  }

  contactOf() {
    return Promise.resolve(this.contact);
  }

  verificationLinkOf() {
    return Promise.resolve(this.link);
  }

  accountLinkOf() {
    return Promise.resolve(this.link);
  }

  addressChangeOf() {
    return Promise.resolve({ address: 'ada@shop.example', link: this.link });
  }
}

class OneOrder extends OrderSummaries {
  constructor(private readonly order: OrderSummary | null) {
    super();
  }

  summaryOf() {
    return Promise.resolve(this.order);
  }
}

class OnePayment extends PaymentSummaries {
  constructor(private readonly payment: PaymentSummary) {
    super();
  }

  summaryOf(paymentId: string) {
    return Promise.resolve(paymentId === PAYMENT_ID ? this.payment : null);
  }
}

class OneRefund extends RefundSummaries {
  refundOf(refundId: string) {
    return Promise.resolve(refundId === PAYMENT_ID ? { amount: 1_490, currency: 'JPY' } : null);
  }
}

interface World {
  kind: NotificationKind;
  displayName?: string | null;
  link?: string | null;
  isGone?: boolean;
  order?: Partial<OrderSummary> | null;
  /** All of the order's total where nothing else is said. */
  capturedAmount?: number;
  factId?: string;
}

function compose({
  kind,
  displayName = 'Ada',
  link = LINK,
  isGone = false,
  order = {},
  capturedAmount,
  factId = PAYMENT_ID,
}: World): Promise<Composed> {
  const contact = isGone ? null : { userId: 'u-1', email: 'ada@shop.example', displayName };
  const summary: OrderSummary | null = order && {
    orderId: ORDER_ID,
    totalAmount: 4_470,
    currency: 'USD',
    items: [
      { name: 'Blue mug', quantity: 2, unitAmount: 1_490 },
      { name: 'Tea & honey', quantity: 1, unitAmount: 1_490 },
    ],
    ...order,
  };
  const notification = Object.assign(new Notification(), {
    id: 'n-1',
    userId: 'u-1',
    kind,
    factId,
    orderId: ORDER_ID,
  });
  const { totalAmount = 0, currency = 'USD' } = summary ?? {};
  const payment = new OnePayment({ capturedAmount: capturedAmount ?? totalAmount, currency });
  const user = new OneUser(contact, link);
  return new LettersService(user, new OneOrder(summary), payment, new OneRefund()).compose(notification);
}

async function letterOf(world: World): Promise<Letter> {
  const composed = await compose(world);
  if (composed.kind !== 'letter') throw new Error(composed.reason);
  return composed.letter;
}

describe('letters', () => {
  it.each(NOTIFICATION_KINDS)('says something in both forms, with a subject and no gap: %s', async (kind) => {
    const { to, subject, html, text } = await letterOf({ kind });
    expect(to).toBe('ada@shop.example');
    expect(subject).not.toMatch(/Ada|\n|^$/);
    expect(html).toContain('<p>Hello Ada,</p>');
    expect(html).toContain(`<title>${subject}</title>`);
    expect(text).toMatch(/^Hello Ada,\n\n\S/);
    expect(html + text).not.toMatch(/\{\{|\}\}|undefined|null|\[object/);
    expect(text).not.toMatch(/<|&\w+;/);
  });

  it.each(['welcome', 'verify-email', 'already-registered'] as const)(
    'carries the link with its token, ready to be clicked: %s',
    async (kind) => {
      const { html, text } = await letterOf({ kind });
      expect(text).toContain(LINK);
      expect(html).toContain(`href="${LINK.replace('&', '&amp;')}"`);
      expect(html).toContain('token=abc.1790000000.d-e_f');
    },
  );

  it.each(NOTIFICATION_KINDS)('shows a name of tags as text: %s', async (kind) => {
    const { html } = await letterOf({ kind, displayName: '<script>alert("x")</script>' });
    expect(html).toContain('Hello &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;,');
    expect(html).not.toContain('<script');
  });

  const HOSTILE = [
    `<img src=x onerror=alert(1)>`,
    `"><svg onload=alert(1)>`,
    `{{link}} {{{link}}} {{#each this}}`,
    `{{lookup this "constructor"}}`,
    `</title></p><a href=javascript:alert(1)>`,
    '${7*7} <%= 7*7 %> #{7*7}',
  ];

  it.each(HOSTILE)('runs nothing that a customer or a product is called: %s', async (name) => {
    for (const kind of NOTIFICATION_KINDS) {
      const { html, text } = await letterOf({
        kind,
        displayName: name,
        order: { items: [{ name, quantity: 1, unitAmount: 1_490 }] },
      });
      const honest = await letterOf({ kind, displayName: 'Ada', order: { items: [] } });
      const tagsOf = (letter: string) => new Set(letter.match(/<\/?[a-z]+/gi));
      const added = [...tagsOf(html)].filter((tag) => !['<tr', '</tr', '<td', '</td'].includes(tag));
      expect(added.filter((tag) => !tagsOf(honest.html).has(tag))).toEqual([]);
      expect(html).not.toMatch(/\son\w+=/i);
      expect([html.includes('49 49'), text.includes('49 49')]).toEqual([false, false]);
      // It is said as it is where nothing can run (control: it did get here).
      expect(text).toContain(`Hello ${name},`);
    }
  });

  it.each(NOTIFICATION_KINDS)('greets nobody by name when there is none: %s', async (kind) => {
    const { html, text } = await letterOf({ kind, displayName: null });
    expect(html).toContain('<p>Hello,</p>');
    expect(text).toMatch(/^Hello,\n/);
  });

  it.each(['order-placed', 'payment-receipt'] as const)('lists what was ordered and its total: %s', async (kind) => {
    const { html, text } = await letterOf({ kind });
    expect(text).toContain('2 × Blue mug: 29.80 USD\n1 × Tea & honey: 14.90 USD\nTotal: 44.70 USD');
    expect(html).toContain('2 × Blue mug</td>');
    expect(html).toContain('1 × Tea &amp; honey</td>');
    expect(html).toContain('<strong>44.70 USD</strong>');
    expect(text).toContain(`Order ${ORDER_ID}`);
  });

  it('names payment and amount in a receipt, also without decimals', async () => {
    const items = [{ name: 'Mug', quantity: 1, unitAmount: 1_490 }];
    const { text } = await letterOf({
      kind: 'payment-receipt',
      order: { totalAmount: 1_490, currency: 'JPY', items },
    });
    expect(text).toContain('your payment of 1490 JPY');
    expect(text).toContain(`Payment ${PAYMENT_ID}`);
  });

  it('names what was taken where that is less than the total', async () => {
    const { html, text } = await letterOf({ kind: 'payment-receipt', capturedAmount: 3_000 });
    expect(text).toContain('your payment of 30.00 USD');
    expect(html).toContain('your payment of <strong>30.00 USD</strong>');
    expect(text).toContain('Total: 44.70 USD');
    await expect(compose({ kind: 'payment-receipt', factId: ORDER_ID })).rejects.toThrow('is not there');
  });

  it('names what went back, not what the order cost', async () => {
    const { text } = await letterOf({ kind: 'refund-issued' });
    expect(text).toContain('given you 1490 JPY back');
    expect(text).toContain(`Refund ${PAYMENT_ID}`);
    await expect(compose({ kind: 'refund-issued', factId: ORDER_ID })).rejects.toThrow('is not there');
  });

  it.each(NOTIFICATION_KINDS)('is not written to an account that is gone: %s', async (kind) => {
    expect(await compose({ kind, isGone: true })).toEqual({ kind: 'moot', reason: 'the account is closed' });
  });

  it.each(['welcome', 'verify-email'] as const)('is not written once the address is verified: %s', async (kind) => {
    expect(await compose({ kind, link: null })).toMatchObject({ kind: 'moot' });
  });

  it('tells a verified account that it exists, with nothing to click', async () => {
    const { html, text } = await letterOf({ kind: 'already-registered', link: null });
    expect(html).not.toContain('href');
    expect(text).not.toMatch(/token|verify/);
  });

  it('fails when the order it is about is missing', async () => {
    await expect(compose({ kind: 'payment-receipt', order: null })).rejects.toThrow('is not there');
  });
});
