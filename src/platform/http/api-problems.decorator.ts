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
    applyDecorators(ApiExtraModels(ProblemDocument), ...[...byStatus(all)].map(describe))(target, property, descriptor);
  };
}

function byStatus(errors: readonly DomainErrorClass[]): Map<number, DomainErrorClass[]> {
  const grouped = new Map<number, DomainErrorClass[]>();
  for (const error of errors) {
    const status = STATUS_OF[error.problem.kind];
    grouped.set(status, [...(grouped.get(status) ?? []), error]);
  }
  return grouped;
}

function describe([status, errors]: [number, DomainErrorClass[]]): MethodDecorator {
  const examples = errors.map(({ problem: { code, title } }) => [
    code,
    { summary: title, value: { type: `/problems/${code}`, title, status, code, detail: `${title}.` } },
  ]);
  return ApiResponse({
    status,
    description: errors.map(({ problem }) => `\`${problem.code}\`: ${problem.title}`).join('  \n'),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: getSchemaPath(ProblemDocument) },
        examples: Object.fromEntries(examples) as Record<string, object>,
      },
    },
  });
}
