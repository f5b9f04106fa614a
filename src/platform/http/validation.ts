import { ValidationPipe, type ValidationError } from '@nestjs/common';
import type { ValidatorOptions } from 'class-validator';
import { InvalidRequest, type Mistake } from '../../shared/errors.js';
import { isKnownGood } from './known-good.js';

const MISTAKES_MAX = 20;
const TEXT_MAX_CHARACTERS = 200;

/** Bodies and queries are checked against their class: unknown members are refused, nothing is converted silently. */
export function validationPipe(): ValidationPipe {
  return new PipeOfJson({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => new InvalidRequest(mistakesOf(errors)),
  });
}

class PipeOfJson extends ValidationPipe {
  /** class-validator is there for the words: it takes several times longer to find nothing wrong. */
  protected override validate(object: object, options?: ValidatorOptions) {
    return isKnownGood(object) ? [] : super.validate(object, options);
  }

  /** Neither JSON nor a query has any. */
  protected override findNestedBinaryValues(): ValidationError[] {
    return [];
  }
}

/** The first mistakes with a pointer to their place, children after their parents. Names come from the client: cut. */
export function mistakesOf(errors: readonly ValidationError[], path = '#'): Mistake[] {
  const mistakes: Mistake[] = [];
  for (const { property, constraints = {}, children = [] } of errors) {
    if (mistakes.length >= MISTAKES_MAX) break;
    const pointer = cut(`${path}/${escaped(property)}`);
    const own = Object.values(constraints).map((detail) => ({ pointer, detail: cut(detail) }));
    mistakes.push(...own, ...mistakesOf(children, pointer));
  }
  return mistakes.slice(0, MISTAKES_MAX);
}

function cut(text: string): string {
  return text.length > TEXT_MAX_CHARACTERS ? `${text.slice(0, TEXT_MAX_CHARACTERS)}…` : text;
}

/** RFC 6901 §3. */
function escaped(property: string): string {
  return property.replaceAll('~', '~0').replaceAll('/', '~1');
}
