import { defineTemplate } from './template.js';

export const refundIssued = defineTemplate({
  subject: 'Your refund',
  html: `<p>we have given you <strong>{{amount}}</strong> back, the way you paid. With a card it can take your bank up to ten days to show it.</p>
<p style="color:#6b6b66;font-size:13px">Order {{orderId}}<br>Refund {{refundId}}</p>`,
  text: `we have given you {{amount}} back, the way you paid. With a card it can take your bank up to ten days to show it.

Order {{orderId}}
Refund {{refundId}}`,
  example: {
    orderId: '019b76da-a800-7a3e-8b54-5a0d2c1f9e01',
    refundId: '019b76da-a800-7a3e-8b54-5a0d2c1f9e03',
    amount: '14.90 USD',
  },
});
