import { DataSource } from 'typeorm';
import { seedProducts } from '../../domains/catalog/products.seed.js';
import { seedUsers } from '../../domains/users/users.seed.js';
import type { Config } from '../../platform/config/config.js';
import { dataSourceOptions } from '../../platform/database/data-source.js';
import { Transactions } from '../../platform/database/transactions.js';

/** Puts the demonstration shop into an empty database; run again it changes nothing. */
export async function seed(config: Config): Promise<void> {
  const source = await new DataSource(dataSourceOptions(config)).initialize();
  try {
    await new Transactions(source).run(async (tx) => {
      await seedUsers(tx, config.SEED_PASSWORD);
      await seedProducts(tx, config.STORE_CURRENCY);
    });
  } finally {
    await source.destroy();
  }
}
