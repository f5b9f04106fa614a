import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { defineError, InvalidRequest } from '../../shared/errors.js';

/** 16 to 255 printable ASCII characters: long enough that two clients do not meet by chance. */
const KEY = /^[\x21-\x7e]{16,255}$/;

export class IdempotencyKeyRequired extends defineError(
  'idempotency-key-required',
  'invalid',
  'An Idempotency-Key is required',
) {
  constructor() {
    super('Send an Idempotency-Key header of 16 to 255 characters, the same for every repetition of this request.');
  }
}

const readKey = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const key = context.switchToHttp().getRequest<Request>().header('idempotency-key');
  if (key === undefined || key === '') throw new IdempotencyKeyRequired();
  if (KEY.test(key)) return key;
  const detail = 'must be 16 to 255 printable ASCII characters without spaces';
  throw new InvalidRequest([{ pointer: '#/Idempotency-Key', detail }]);
});

/** The request's Idempotency-Key, checked and documented. */
export function IdempotencyKey(): ParameterDecorator {
  return (target, property, index) => {
    readKey()(target, property, index);
    const descriptor = property && Object.getOwnPropertyDescriptor(target, property);
    if (!descriptor) return;
    const description = 'Any unique text of 16–255 characters. A repetition with the same key gets the same answer.';
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description,
      schema: { type: 'string', minLength: 16, maxLength: 255 },
    })(target, property, descriptor);
  };
}
