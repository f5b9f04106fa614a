import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { InvalidRequest } from '../../shared/errors.js';
import { isId } from '../../shared/ids.js';

export class IdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly name: string) {}

  transform(value: unknown): string {
    if (isId(value)) return value.toLowerCase();
    throw new InvalidRequest([{ pointer: `#/${this.name}`, detail: `${this.name} must be a UUID` }]);
  }
}

/** A path parameter that is one of our ids; anything else is a 400 before any query. */
export function IdParam(name: string): ParameterDecorator {
  return (target, property, index) => {
    Param(name, new IdPipe(name))(target, property, index);
    const descriptor = property && Object.getOwnPropertyDescriptor(target, property);
    if (descriptor) ApiParam({ name, schema: { type: 'string', format: 'uuid' } })(target, property, descriptor);
  };
}
