import { expectStatus } from '../../../test/support/client.js';
import type { Scene } from './scene.js';

const IN_DOUBT = `SELECT event_id AS "eventId" FROM event_deliveries
  WHERE subscriber = 'mailer' AND dead_at IS NOT NULL AND last_error LIKE '%it may have been sent before%'`;

/** A letter of which two dead workers left in doubt whether it was sent is a person's to decide about: here it is sent. */
export async function sendDoubtful({ stage, shop }: Pick<Scene, 'stage' | 'shop'>): Promise<void> {
  await stage.untilQuiet(shop);
  const letters = await shop.query<{ eventId: string }>(IN_DOUBT);
  if (letters.length === 0) return;
  stage.note('letters in doubt', letters.length);
  const admin = await shop.as('admin@purser.test');
  for (const { eventId } of letters) {
    expectStatus(await admin.post(`/v1/admin/deliveries/${eventId}/mailer/replay`), 202);
  }
}
