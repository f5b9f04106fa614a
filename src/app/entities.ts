import { Product } from '../domains/catalog/product.entity.js';
import { StockAdjustment } from '../domains/catalog/stock-adjustment.entity.js';
import { Notification } from '../domains/notifications/notification.entity.js';
import { Order, OrderItem } from '../domains/orders/order.entity.js';
import { Dispute } from '../domains/payments/disputes/dispute.entity.js';
import { Payment } from '../domains/payments/payment.entity.js';
import { Refund } from '../domains/payments/refunds/refund.entity.js';
import { ApiKey } from '../domains/users/api-keys/api-key.entity.js';
import { MfaFactor } from '../domains/users/mfa/mfa-factor.entity.js';
import { Session } from '../domains/users/sessions/session.entity.js';
import { User } from '../domains/users/user.entity.js';

/** Every entity, for the check that entities and migrations agree. */
export const ALL_ENTITIES = [
  User,
  Session,
  ApiKey,
  MfaFactor,
  Product,
  StockAdjustment,
  Order,
  OrderItem,
  Payment,
  Refund,
  Dispute,
  Notification,
];
