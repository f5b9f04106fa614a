import type { Scene } from './events.js';
import type { Form } from '../core/form.js';

/** One request to the API, taken apart. */
export interface Call extends Scene {
  form: Form;
  /** The id in the address, or the empty string. */
  id: string;
  /** Made with a publishable key, as Stripe.js does: only what a client secret opens. */
  isPublishable: boolean;
}
