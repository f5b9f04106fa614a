import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { InvalidRequest, type Mistake } from '../../shared/errors.js';

const MISTAKES_MAX = 50;

/** Bodies and queries are checked against their class: unknown members are refused, nothing is converted silently. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => new InvalidRequest(mistakesOf(errors)),
  });
}

/** Every mistake with a pointer to its place, children after their parents. */
export function mistakesOf(errors: readonly ValidationError[], path = '#'): Mistake[] {
  return errors
    .flatMap(({ property, constraints = {}, children = [] }) => {
      const pointer = `${path}/${escaped(property)}`;
      const own = Object.values(constraints).map((detail) => ({ pointer, detail }));
      return [...own, ...mistakesOf(children, pointer)];
    })
    .slice(0, MISTAKES_MAX);
}

/** RFC 6901 §3. */
function escaped(property: string): string {
  return property.replaceAll('~', '~0').replaceAll('/', '~1');
}
