import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { DomainErrorClass } from '../../shared/errors.js';
import { STATUS_OF, PROBLEM_MEDIA_TYPE } from './problem.js';
import { ProblemDocument } from './problem.schema.js';

const CLASSES = Symbol('problems');

/** Documents exactly the errors a route throws; several calls on one route add up. */
export function ApiProblems(...errors: DomainErrorClass[]): MethodDecorator {
  return (target, property, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const before = (Reflect.getMetadata(CLASSES, handler) ?? []) as DomainErrorClass[];
    const all = [...before, ...errors];
    Reflect.defineMetadata(CLASSES, all, handler);
    const responses = [...byStatus(all)].map(([status, some]) => ApiResponse({ status, ...problemResponse(some) }));
    applyDecorators(ApiExtraModels(ProblemDocument), ...responses)(target, property, descriptor);
  };
}

export function byStatus(errors: readonly DomainErrorClass[]): Map<number, DomainErrorClass[]> {
  const grouped = new Map<number, DomainErrorClass[]>();
  for (const error of errors) {
    const status = STATUS_OF[error.problem.kind];
    grouped.set(status, [...(grouped.get(status) ?? []), error]);
  }
  return grouped;
}

/** An OpenAPI response that shows one example for each of these errors. */
export function problemResponse(errors: readonly DomainErrorClass[]) {
  return {
    description: errors.map(({ problem }) => `\`${problem.code}\`: ${problem.title}`).join('  \n'),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: getSchemaPath(ProblemDocument) },
        examples: Object.fromEntries(errors.map(exampleOf)),
      },
    },
  };
}

function exampleOf({ problem: { code, title, kind } }: DomainErrorClass): [string, object] {
  const value = { type: `/problems/${code}`, title, status: STATUS_OF[kind], code, detail: `${title}.` };
  return [code, { summary: title, value }];
}
