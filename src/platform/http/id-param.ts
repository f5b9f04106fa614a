import { Param, type PipeTransform } from '@nestjs/common';
import { InvalidRequest } from '../../shared/errors.js';
import { isId } from '../../shared/ids.js';

class IdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly name: string) {}

  transform(value: unknown): string {
    if (isId(value)) return value.toLowerCase();
    throw new InvalidRequest([{ pointer: `#/${this.name}`, detail: `${this.name} must be a UUID` }]);
  }
}

/** A path parameter that is one of our ids; anything else is a 400 before any query. */
export const IdParam = (name: string): ParameterDecorator => Param(name, new IdPipe(name));
