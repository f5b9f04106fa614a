import { budget } from './budget/budget.proof.js';
import { gate } from './gate/gate.proof.js';
import { kill } from './kill/kill.proof.js';
import { ledger } from './ledger/ledger.proof.js';
import type { Proof } from './proof.js';
import { races } from './races/races.proof.js';
import { recon } from './recon/recon.proof.js';
import { redisLoss } from './redis/redis-loss.proof.js';
import { unknown } from './unknown/unknown.proof.js';
import { webhooks } from './webhooks/webhooks.proof.js';

/** Every proof there is. A new one is a file and a line here. */
export const PROOFS = {
  kill,
  races,
  'redis-loss': redisLoss,
  webhooks,
  unknown,
  recon,
  ledger,
  budget,
  gate,
} satisfies Record<string, Proof>;

export type ProofName = keyof typeof PROOFS;

export const PROOF_NAMES = Object.keys(PROOFS) as ProofName[];
