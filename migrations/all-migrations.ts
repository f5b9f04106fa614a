import { CreateAccounts1790000000001 } from './1790000000001-create-accounts.js';
import { CreateEvents1790000000002 } from './1790000000002-create-events.js';
import { CreateCatalogue1790000000003 } from './1790000000003-create-catalogue.js';
import { CreateOrders1790000000004 } from './1790000000004-create-orders.js';
import { CreatePayments1790000000005 } from './1790000000005-create-payments.js';
import { CreateLedger1790000000006 } from './1790000000006-create-ledger.js';
import { CreateNotifications1790000000007 } from './1790000000007-create-notifications.js';
import { CreateScheduledWork1790000000008 } from './1790000000008-create-scheduled-work.js';
import { SubmitRefunds1790000000010 } from './1790000000010-submit-refunds.js';
import { SealLedger1790000000020 } from './1790000000020-seal-ledger.js';
import { CreateDisputes1790000000021 } from './1790000000021-create-disputes.js';
import { ResolveReviews1790000000030 } from './1790000000030-resolve-reviews.js';
import { CreateReconciliations1790000000031 } from './1790000000031-create-reconciliations.js';
import { CollapseWebhooks1790000000032 } from './1790000000032-collapse-webhooks.js';
import { ChangeCredentials1790000000040 } from './1790000000040-change-credentials.js';
import { CreateMfaFactors1790000000045 } from './1790000000045-create-mfa-factors.js';
import { CreateAuditDetails1790000000050 } from './1790000000050-create-audit-details.js';
import { CreateApiKeys1790000000051 } from './1790000000051-create-api-keys.js';

/** In the order they are applied. Classes, not a glob: globs load neither under jest nor from a bundle. */
export const ALL_MIGRATIONS = [
  CreateAccounts1790000000001,
  CreateEvents1790000000002,
  CreateCatalogue1790000000003,
  CreateOrders1790000000004,
  CreatePayments1790000000005,
  CreateLedger1790000000006,
  CreateNotifications1790000000007,
  CreateScheduledWork1790000000008,
  SubmitRefunds1790000000010,
  SealLedger1790000000020,
  CreateDisputes1790000000021,
  ResolveReviews1790000000030,
  CreateReconciliations1790000000031,
  CollapseWebhooks1790000000032,
  ChangeCredentials1790000000040,
  CreateMfaFactors1790000000045,
  CreateAuditDetails1790000000050,
  CreateApiKeys1790000000051,
];
