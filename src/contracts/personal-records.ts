/** Rows by what they are, for example `{ orders: [{ id, status, … }] }`; newest first, and at most RECORDS_MAX of each. */
export type RecordsByKind = Readonly<Record<string, readonly object[]>>;

/** So many rows of one kind are handed out at most: whoever has more asks support. */
export const RECORDS_MAX = 10_000;

/** What a domain keeps about a person, as that person may read it. Each domain that keeps anything implements it. */
export abstract class PersonalRecords {
  abstract recordsOf(userId: string): Promise<RecordsByKind>;
}

/** Injection token of all of them, bound in `app/ports.module.ts`. */
export const PERSONAL_RECORDS = Symbol('PERSONAL_RECORDS');
