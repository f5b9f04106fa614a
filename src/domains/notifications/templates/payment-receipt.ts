import { ITEMS_TABLE, ITEMS_TEXT } from './layout.js';
import { defineTemplate } from './template.js';

export const paymentReceipt = defineTemplate({
  subject: 'Your receipt',
  html: `<p>thank you: we received your payment of <strong>{{paid}}</strong>.</p>
${ITEMS_TABLE}
<p style="color:#6b6b66;font-size:13px">Order {{orderId}}<br>Payment {{paymentId}}</p>`,
  text: `thank you: we received your payment of {{paid}}.

${ITEMS_TEXT}

Order {{orderId}}
Payment {{paymentId}}`,
  example: {
    orderId: '019b76da-a800-7a3e-8b54-5a0d2c1f9e01',
    paymentId: '019b76da-a800-7a3e-8b54-5a0d2c1f9e02',
    paid: '29.80 USD',
    total: '29.80 USD',
    items: [{ name: 'Blue mug', quantity: 2, amount: '29.80 USD' }],
  },
});
