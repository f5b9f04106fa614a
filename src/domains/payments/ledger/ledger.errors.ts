import { defineError } from '../../../shared/errors.js';

export class LedgerAccountNotFound extends defineError(
  'ledger-account-not-found',
  'not-found',
  'No such ledger account',
) {
  constructor(name: string) {
    super(`There is no ledger account ${name}.`);
  }
}
