import type { NextFunction, Request, RequestHandler, Response } from 'express';
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

/** The end of the line: a path that is known with another method is 405 with `Allow`, everything else 404. */
export function refuseUnrouted(router: unknown): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const allowed = new Set<string>();
    for (const layer of layersOf(router)) {
      if (layer.route && layer.match?.(request.path))
        methodsOf(layer.route.methods).forEach((method) => allowed.add(method));
    }
    if (allowed.size === 0) {
      next(new RouteNotFound(`There is no ${request.method} ${request.path}.`));
      return;
    }
    const allow = [...allowed].sort();
    next(new MethodNotAllowed(`${request.path} takes ${allow.join(', ')}.`, { allow }));
  };
}

function layersOf(router: unknown): readonly Layer[] {
  const { stack } = Object(router) as { stack?: unknown };
  return Array.isArray(stack) ? (stack as Layer[]) : [];
}

function methodsOf(methods: Readonly<Record<string, boolean>>): string[] {
  const names = Object.keys(methods).filter((method) => methods[method] && method !== '_all');
  return names.map((method) => method.toUpperCase());
}
