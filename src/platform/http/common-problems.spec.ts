import type { OpenAPIObject } from '@nestjs/swagger';
import { addCommonProblems } from './common-problems.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function responsesOf(path: string, operation: Partial<Operation>): Record<string, unknown> {
  const document = { openapi: '3.0.0', info: { title: 'x', version: '1' }, paths: {} } satisfies OpenAPIObject;
  const paths = { [path]: { post: { responses: { 201: { description: 'Made.' } }, ...operation } } };
  return addCommonProblems({ ...document, paths }).paths[path]?.post?.responses ?? {};
}

function codesOf(response: unknown): string[] {
  const { content } = response as { content: Record<string, { examples: object }> };
  return Object.keys(content['application/problem+json']?.examples ?? {});
}

describe('addCommonProblems', () => {
  const requestBody = { content: {} };

  it('adds what the door refuses, and leaves the success alone', () => {
    const responses = responsesOf('/v1/things', { requestBody, security: [{ bearer: [] }] });
    expect(Object.keys(responses)).toEqual(['201', '400', '401', '403', '413', '415', '429', '500', '503']);
    expect(responses[201]).toEqual({ description: 'Made.' });
    expect(codesOf(responses[400])).toEqual(['invalid-request', 'malformed-json', 'json-too-deep', 'malformed-path']);
  });

  it('keeps what the controller documents of the same status', () => {
    const own = { description: 'own', content: { 'application/problem+json': { examples: { 'too-late': {} } } } };
    const responses = responsesOf('/v1/things', { requestBody, responses: { 400: own } });
    expect(codesOf(responses[400])).toEqual([
      'too-late',
      'invalid-request',
      'malformed-json',
      'json-too-deep',
      'malformed-path',
    ]);
  });

  it('promises no limit on webhooks, and nothing outside the API', () => {
    expect(Object.keys(responsesOf('/v1/webhooks/any', {}))).toEqual(['201', '400', '413', '500', '503']);
    expect(Object.keys(responsesOf('/health/live', {}))).toEqual(['201']);
  });
});
