import { defineError } from '../../../shared/errors.js';

export class ReconciliationNotFound extends defineError(
  'reconciliation-not-found',
  'not-found',
  'No such reconciliation',
) {
  constructor(id: string) {
    super(`There is no reconciliation ${id}.`);
  }
}
