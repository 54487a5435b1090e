import { compareSegments, WalqError, type SegmentName, type Source } from '@walq/wal-core';

/** A watermark as an engine gives it: by name, or by number where nobody knows the name yet. */
export type Mark = SegmentName | { readonly number: bigint; readonly name?: undefined };

/** True when everything that `b` covers is covered by `a` too. */
export function covers(a: Mark, b: Mark): boolean {
  if (a.number !== b.number) return a.number > b.number;
  if (a.name === undefined || b.name === undefined)
    return a.name === undefined || a.name === b.name;
  return compareSegments(a, b) >= 0;
}

/**
 * The watermark in memory: the one thing that the flush side touches. It only moves forward.
 */
export class FlushedMark {
  readonly #source: Source;
  #mark: Mark | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  get current(): Mark | undefined {
    return this.#mark;
  }

  /** Moves forward to `upTo`, inclusive; false when it was there already. */
  advance(upTo: string | bigint): boolean {
    const mark = markOf(this.#source, upTo);
    if (this.#mark !== undefined && covers(this.#mark, mark)) return false;
    this.#mark = mark;
    return true;
  }
}

export function markOf({ name, naming }: Source, upTo: string | bigint): Mark {
  if (typeof upTo === 'bigint') {
    const segment = naming.nameOf?.(upTo);
    return segment === undefined ? { number: upTo } : { name: segment, number: upTo };
  }
  const segment = naming.parse(upTo);
  if (segment !== undefined) return segment;
  throw new WalqError('usage', {
    message: `'${upTo}' is not the name of a segment of source '${name}'`,
    hint: 'Give the file name of a segment without its directory, or its number as a bigint.',
  });
}
