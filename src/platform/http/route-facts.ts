import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

type Target = Parameters<Reflector['get']>[1];

/**
 * What decorators say of a route, the handler's before its class', read once per route and not with every request: it
 * cannot change, and half a dozen guards ask, the throttler alone six times.
 */
class RouteFacts extends Reflector {
  private readonly known = new WeakMap<object, WeakMap<object, Map<unknown, unknown>>>();

  // The signature is Nest's own.
  override getAllAndOverride<Value = unknown, Key = unknown>(key: Key, [handler, controller]: Target[]): Value {
    if (!handler || !controller) throw new Error('a route is a handler of a controller');
    const facts = this.factsOf(handler, controller);
    if (!facts.has(key)) facts.set(key, super.getAllAndOverride<unknown>(key, [handler, controller]));
    return facts.get(key) as Value;
  }

  of<Value>(key: string, context: ExecutionContext): Value | undefined {
    return this.getAllAndOverride<Value | undefined>(key, [context.getHandler(), context.getClass()]);
  }

  private factsOf(handler: object, controller: object): Map<unknown, unknown> {
    const handlers = this.known.get(controller) ?? new WeakMap<object, Map<unknown, unknown>>();
    this.known.set(controller, handlers);
    const facts = handlers.get(handler) ?? new Map<unknown, unknown>();
    handlers.set(handler, facts);
    return facts;
  }
}

/** One for the process: routes are the same for everybody. */
export const routeFacts = new RouteFacts();
