import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const NEWLINE = 10;
const CHUNK_BYTES = 1_048_576;

/**
 * A file of one JSON object a line that only grows. A line is written by one call before anybody is answered, so a kill loses
 * at most a line whose work was never acknowledged; such a torn tail is cut off when the file is opened again.
 */
export class LineFile {
  private constructor(
    readonly path: string,
    private readonly fd: number,
    private end: number,
  ) {}

  static open(path: string, visit: (line: string, offset: number) => void): LineFile {
    const fd = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
    const end = scan(fd, visit);
    if (end < fstatSync(fd).size) ftruncateSync(fd, end);
    return new LineFile(path, fd, end);
  }

  get size(): number {
    return this.end;
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(this.fd, bytes, written, bytes.length - written, this.end + written);
    }
    this.end += bytes.length;
  }

  read(from: number): string {
    const bytes = Buffer.alloc(this.end - from);
    let read = 0;
    while (read < bytes.length) {
      const got = readSync(this.fd, bytes, read, bytes.length - read, from + read);
      if (got === 0) break;
      read += got;
    }
    return bytes.toString('utf8', 0, read);
  }

  truncate(): void {
    ftruncateSync(this.fd, 0);
    this.end = 0;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Calls `visit` for every whole line and answers where the last of them ends. */
function scan(fd: number, visit: (line: string, offset: number) => void): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let restAt = 0;
  for (;;) {
    const got = readSync(fd, chunk, 0, CHUNK_BYTES, restAt + rest.length);
    if (got === 0) return restAt;
    const bytes = Buffer.concat([rest, chunk.subarray(0, got)]);
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE, rest.length); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      visit(bytes.toString('utf8', from, at), restAt + from);
      from = at + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    restAt += from;
  }
}
