import { ITEMS_TABLE, ITEMS_TEXT } from './layout.js';
import { defineTemplate } from './template.js';

export const orderPlaced = defineTemplate({
  subject: 'We received your order',
  html: `<p>thank you for your order. It is reserved for you until you pay, for a short time.</p>
${ITEMS_TABLE}
<p style="color:#6b6b66;font-size:13px">Order {{orderId}}</p>`,
  text: `thank you for your order. It is reserved for you until you pay, for a short time.

${ITEMS_TEXT}

Order {{orderId}}`,
  example: {
    orderId: '019b76da-a800-7a3e-8b54-5a0d2c1f9e01',
    total: '29.80 USD',
    items: [{ name: 'Blue mug', quantity: 2, amount: '29.80 USD' }],
  },
});
