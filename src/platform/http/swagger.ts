import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { addCookieMode, COOKIE_SCHEME, CSRF_SCHEME } from '../auth/browser/document.js';
import { API_KEY_SCHEME } from '../auth/route-access.js';
import { addCommonProblems } from './common-problems.js';
import { ProblemDocument } from './problem.schema.js';

const DESCRIPTION = `The backend of a shop's money.

**A token, for a program.** \`POST /v1/auth/login\` answers an \`accessToken\`: press *Authorize*, paste it under *bearer*, and every
request here carries \`Authorization: Bearer …\`. It is good for ten minutes; \`POST /v1/auth/refresh\` gives the next one for the
\`refreshToken\`. A local shop has \`anna@purser.test\`, and its start says the password; a new account opens its mail's link first.

**A session, for a page of the shop.** \`POST /v1/auth/login\` with \`"mode": "cookie"\` sets cookies that no script can read, and
answers a \`csrfToken\`: send it as \`X-CSRF-Token\` with whatever changes something (here: *Authorize*, under *csrf*). After ten
minutes, or a reload, \`POST /v1/auth/refresh\` without a body renews the cookies and answers the token again.

**An API key, for a program that stays.** \`POST /v1/api-keys\` with a login's token makes one with the scopes you choose among
your own permissions (\`x-permissions\` of a route) and shows it once: send it as \`X-API-Key\`. It never reaches your account itself.

**A purchase.** Log in, take an \`id\` from \`GET /v1/products\`, \`POST /v1/orders\`, then \`POST /v1/orders/{id}/payments\` with
\`paymentMethodId: "pm_card_visa"\`. Without one the answer's \`nextAction\` carries a \`clientSecret\` that Stripe.js confirms.

**Idempotency-Key**: required where money or stock moves. Repeat a request with the same key as often as you like: it
happens once, and every repetition gets the same answer (\`Idempotent-Replayed: true\`). \`202\` means "not known yet":
ask \`Location\`, or repeat with the same key.

**Amounts** are integers of the currency's minor unit beside an ISO 4217 code. **Times** are ISO 8601 in UTC.
**Lists** are paged by \`limit\` and \`after\`; \`next\` is null at the end.

**Problems**: every 4xx and 5xx is \`application/problem+json\` (RFC 9457) with a stable \`code\`.

**Limits**: \`RateLimit-*\` headers say how much is left; \`429\` carries \`Retry-After\`.`;

/** In the order a client meets them. */
const TAGS = {
  auth: 'Accounts are opened, sessions begin and end.',
  users: 'The caller’s own account, sessions and API keys.',
  products: 'What is for sale; what admins change about it.',
  orders: 'Placing takes the stock and freezes the prices.',
  payments: 'An order is paid at most once.',
  notifications: 'What the caller was told.',
  admin: 'For people who run the shop.',
  webhooks: 'For the card provider, signed.',
  health: 'For probes and scrapers.',
};

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Purser')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/', 'Where this document comes from')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The accessToken of a login.' })
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'For programs.' }, API_KEY_SCHEME)
    .addSecurity('cookie', COOKIE_SCHEME)
    .addSecurity('csrf', CSRF_SCHEME);
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller: string, method: string) => `${controller.replace(/Controller$/, '')}.${method}`,
    extraModels: [ProblemDocument],
  });
  return addCommonProblems(addCookieMode(document));
}

/** Swagger UI at /docs, the document at /docs-json. */
export function setupSwagger(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Purser API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, defaultModelsExpandDepth: 0 },
  });
}
