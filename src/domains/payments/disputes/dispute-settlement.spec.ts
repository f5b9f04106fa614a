import { Money } from '../../../shared/money.js';
import { decideDispute, type DisputeReport } from './dispute-settlement.js';
import type { Dispute, DisputeStatus } from './dispute.entity.js';

type Known = Pick<Dispute, 'status' | 'withdrawnAt' | 'reinstatedAt'>;

const money = { money: Money.of(4_900, 'USD'), fee: Money.of(1_500, 'USD') };
const back = { money: Money.of(4_900, 'USD'), fee: Money.of(0, 'USD') };

function aReport(status: DisputeStatus, moved: Partial<DisputeReport> = {}): DisputeReport {
  const object = { providerDisputeId: 'du_1', providerPaymentId: 'pi_1', claimed: Money.of(4_900, 'USD') };
  return { ...object, reason: 'fraudulent', status, dueBy: null, withdrawn: null, reinstated: null, ...moved };
}

/** What is known after a report, and the events on the way there. */
function settled(known: Known | null, report: DisputeReport): { known: Known | null; events: string[] } {
  const events: string[] = [];
  let now = known;
  for (let change = decideDispute(now, report); change; change = decideDispute(now, report)) {
    events.push(change.event.replace('dispute.', ''));
    const at = new Date(0);
    now = {
      status: change.status,
      withdrawnAt: now?.withdrawnAt ?? (change.withdrawn && at),
      reinstatedAt: now?.reinstatedAt ?? (change.reinstated && at),
    };
  }
  return { known: now, events };
}

const inLife: readonly DisputeReport[] = [
  aReport('inquiry'),
  aReport('needs_response', { withdrawn: money }),
  aReport('under_review', { withdrawn: money }),
  aReport('won', { withdrawn: money }),
  aReport('won', { withdrawn: money, reinstated: back }),
];

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

describe('a dispute', () => {
  it('goes its way step by step, and tells each of them', () => {
    let known: Known | null = null;
    const events = inLife.flatMap((report) => {
      const step = settled(known, report);
      known = step.known;
      return step.events;
    });
    expect(events).toEqual(['opened', 'changed', 'changed', 'closed', 'changed']);
    expect(known).toMatchObject({ status: 'won', withdrawnAt: expect.any(Date), reinstatedAt: expect.any(Date) });
  });

  it('ends the same in whatever order its reports are settled, each money moved once', () => {
    for (const order of permutations(inLife)) {
      let known: Known | null = null;
      const moved = { withdrawn: 0, reinstated: 0 };
      for (const report of [...order, ...order]) {
        const change = decideDispute(known, report);
        if (change?.withdrawn) moved.withdrawn += 1;
        if (change?.reinstated) moved.reinstated += 1;
        known = settled(known, report).known;
      }
      expect(known).toMatchObject({ status: 'won' });
      expect(moved).toEqual({ withdrawn: 1, reinstated: 1 });
    }
  });

  it('is opened before it is closed, also when we first hear of it at its end', () => {
    expect(settled(null, aReport('lost', { withdrawn: money })).events).toEqual(['opened', 'closed']);
    expect(settled(null, aReport('closed')).events).toEqual(['opened', 'closed']);
  });

  it('moves no money for a question, and takes another verdict for the verdict', () => {
    expect(decideDispute(null, aReport('inquiry'))).toMatchObject({ withdrawn: null, reinstated: null });
    const lost = { status: 'lost', withdrawnAt: new Date(0), reinstatedAt: null } as const;
    expect(decideDispute(lost, aReport('under_review', { withdrawn: money }))).toBeNull();
    expect(decideDispute(lost, aReport('lost', { withdrawn: money }))).toBeNull();
    const won = decideDispute(lost, aReport('won', { withdrawn: money, reinstated: back }));
    expect(won).toEqual({ status: 'won', event: 'dispute.closed', withdrawn: null, reinstated: back });
  });
});
