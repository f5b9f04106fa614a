/** JSON that PostgreSQL has written: it is sent as it came. Who wants a member of it parses it. */
export class JsonText<Value extends object> {
  constructor(readonly text: string) {}

  parse(): Value {
    return JSON.parse(this.text) as Value;
  }

  /** Inside something larger it is what it tells, not a string. */
  toJSON(): Value {
    return this.parse();
  }
}

/** One of a list, and the id that a page may end with. */
export interface ListedJson {
  readonly id: string;
  readonly text: string;
}
