/** Rows in the order they came. A table with a limit forgets its oldest rows; the journal never does. */
export class Table<Row extends { id: string }> {
  private readonly rows = new Map<string, Row>();
  private ids: string[] = [];

  constructor(private readonly limit = Number.POSITIVE_INFINITY) {}

  get size(): number {
    return this.rows.size;
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  put(row: Row): void {
    if (!this.rows.has(row.id)) this.ids.push(row.id);
    this.rows.set(row.id, row);
    if (this.rows.size > this.limit * 1.1) this.forget(this.rows.size - this.limit);
  }

  delete(id: string): void {
    if (!this.rows.delete(id)) return;
    if (this.ids.length > 64 && this.rows.size < this.ids.length / 2) {
      this.ids = this.ids.filter((kept) => this.rows.has(kept));
    }
  }

  clear(): void {
    this.rows.clear();
    this.ids = [];
  }

  oldestFirst(): IterableIterator<Row> {
    return this.rows.values();
  }

  /** Newest first, beginning after the row named; the caller has made sure that row exists. */
  *newestFirst(after?: string): Generator<Row> {
    const start = after === undefined ? this.ids.length : this.ids.lastIndexOf(after);
    for (let at = start - 1; at >= 0; at -= 1) {
      const row = this.at(at);
      if (row) yield row;
    }
  }

  /** The rows newer than the one named, the nearest first. */
  *newerThan(id: string): Generator<Row> {
    for (let at = this.ids.lastIndexOf(id) + 1; at < this.ids.length; at += 1) {
      const row = this.at(at);
      if (row) yield row;
    }
  }

  private at(index: number): Row | undefined {
    const id = this.ids[index];
    return id === undefined ? undefined : this.rows.get(id);
  }

  private forget(count: number): void {
    for (const id of this.ids.splice(0, count)) this.rows.delete(id);
  }
}
