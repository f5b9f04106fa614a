/** The part of autocannon 9 that is used here; the package brings no types. */
declare module 'autocannon' {
  export interface Request {
    readonly method?: 'GET' | 'POST';
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Called before each use; `context` lives as long as one walk through the list of requests. */
    readonly setupRequest?: (request: Request, context: Record<string, unknown>) => Request;
    readonly onResponse?: (status: number, body: string, context: Record<string, unknown>) => void;
  }

  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    /** Of all connections together. */
    readonly maxOverallRequests: number;
    readonly requests: readonly Request[];
    /** Called once for each connection, before its first request. */
    readonly setupClient?: (client: { setRequests: (requests: readonly Request[]) => void }) => void;
    /** Puts a fresh id wherever a request says `[<id>]`. */
    readonly idReplacement?: boolean;
  }

  export interface Result {
    /** Seconds. */
    readonly duration: number;
    readonly errors: number;
    readonly non2xx: number;
    readonly statusCodeStats: Readonly<Record<string, { count: number }>>;
    readonly '2xx': number;
  }

  interface Run extends PromiseLike<Result> {
    /** Milliseconds. */
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): this;
  }

  export default function autocannon(options: Options): Run;
}
