import type { NextFunction, Request, RequestHandler, Response } from 'express';
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

/** The template a request was matched by, such as `/v1/orders/:id`: unlike its path it carries no ids. */
export function templateOf(request: Request): string {
  const path = memberOf(request.route, 'path');
  return typeof path === 'string' ? path : 'unmatched';
}

/** The end of the line: a path that is known with another method is 405 with `Allow`, everything else 404. */
export function refuseUnrouted(router: unknown): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const known = layersOf(router).filter((layer) => layer.route && layer.match?.(request.path));
    const methods = known.flatMap(({ route }) => methodsOf(route?.methods ?? {}));
    const allow = [...new Set(methods)].sort();
    if (allow.length === 0) next(new RouteNotFound(`There is no ${request.method} ${request.path}.`));
    else next(new MethodNotAllowed(`${request.path} takes ${allow.join(', ')}.`, { allow }));
  };
}

/** Express's router is a function with members. */
function layersOf(router: unknown): readonly Layer[] {
  const { stack } = router as { stack?: unknown };
  return Array.isArray(stack) ? (stack as Layer[]) : [];
}

/** Express answers HEAD wherever there is a GET. */
function methodsOf(methods: Readonly<Record<string, boolean>>): string[] {
  const names = Object.keys(methods).filter((method) => methods[method] && method !== '_all');
  const upper = names.map((method) => method.toUpperCase());
  return upper.includes('GET') ? [...upper, 'HEAD'] : upper;
}
