import type { Request } from 'express';
import type { DomainError } from '../../shared/errors.js';
import { memberOf } from '../../shared/unknown.js';
import { MethodNotAllowed, RouteNotFound } from './http.errors.js';

/** One registered route as Express's router knows it. */
export interface Route {
  readonly path: string;
  readonly methods: readonly string[];
}

interface Layer {
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly match?: (path: string) => boolean;
}

/** Every route of the application, with its methods in upper case. */
export function routesOf(router: unknown): Route[] {
  return layersOf(router).flatMap(({ route }) =>
    typeof route?.path === 'string' ? [{ path: route.path, methods: methodsOf(route.methods) }] : [],
  );
}

/** Why nobody took the request: a path that is known with another method is 405 with `Allow`, everything else 404. */
export function unrouted(request: Request): DomainError {
  const router: unknown = memberOf(request.app, 'router');
  const allowed = new Set<string>();
  for (const layer of layersOf(router)) {
    if (layer.route && layer.match?.(request.path))
      methodsOf(layer.route.methods).forEach((method) => allowed.add(method));
  }
  if (allowed.size === 0) return new RouteNotFound(`There is no ${request.method} ${request.path}.`);
  const allow = [...allowed].sort();
  return new MethodNotAllowed(`${request.path} takes ${allow.join(', ')}.`, { allow });
}

function layersOf(router: unknown): readonly Layer[] {
  const stack = memberOf(router, 'stack');
  return Array.isArray(stack) ? (stack as Layer[]) : [];
}

function methodsOf(methods: Readonly<Record<string, boolean>>): string[] {
  const names = Object.keys(methods).filter((method) => methods[method] && method !== '_all');
  return names.map((method) => method.toUpperCase());
}
