import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { addCommonProblems } from './common-problems.js';
import { ProblemDocument } from './problem.schema.js';

const DESCRIPTION = `The backend of a shop's money.

**Amounts** are integers of the currency's minor unit beside an ISO 4217 code. **Times** are ISO 8601 in UTC.
**Lists** are paged by \`limit\` and \`after\`; \`next\` is null at the end.

**Idempotency-Key**: required where money or stock moves. Repeat a request with the same key as often as you like: it
happens once, and every repetition gets the same answer (\`Idempotent-Replayed: true\`). \`202\` means "not known yet":
ask \`Location\`, or repeat with the same key.

**Problems**: every 4xx and 5xx is \`application/problem+json\` (RFC 9457) with a stable \`code\`.

**Limits**: \`RateLimit-*\` headers say how much is left; \`429\` carries \`Retry-After\`.`;

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Purser')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/', 'Where this document comes from')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'accessToken of a login' })
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (controller: string, method: string) => `${controller.replace(/Controller$/, '')}.${method}`,
    extraModels: [ProblemDocument],
  });
  return addCommonProblems(document);
}

/** Swagger UI at /docs, the document at /docs-json. */
export function setupSwagger(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Purser API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tagsSorter: 'alpha' },
  });
}
