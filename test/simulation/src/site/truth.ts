/** What the engines have done: every other view is checked against this. */
import { directorySource, type Source } from '@walq/wal-core/internal';

export class SourceTruth {
  readonly source: Source;
  /** Every content that the engine ever gave a segment, by its name. */
  readonly written = new Map<string, Set<string>>();
  /** The highest sealed segment. */
  sealed = 0;
  /** The highest that the engine said to be flushed; of this beginning of its count. */
  flushed = 0;
  /** The highest of all beginnings. */
  flushedEver = 0;
  /** What each segment held when it was said to be flushed. */
  readonly #flushedContents = new Map<string, Set<string>>();
  /** The engine has started its count again, or somebody has changed a sealed segment: a person has to act. */
  isReset = false;
  readonly rewritten = new Set<string>();

  constructor(name: string, directory: string) {
    this.source = sourceAt(name, directory);
  }

  note(segment: string, content: string): void {
    add(this.written, segment, content);
  }

  /** The engine says that all up to this one is flushed, as it stands there now. */
  markFlushed(upTo: number, contentOf: (segment: string) => string | undefined): void {
    for (let number = this.flushed + 1; number <= upTo; number += 1) {
      const content = contentOf(nameOf(number));
      if (content !== undefined) add(this.#flushedContents, nameOf(number), content);
    }
    this.flushed = upTo;
    this.flushedEver = Math.max(upTo, this.flushedEver);
  }

  /** A segment that is put back by hand counts as flushed if the previous one did: nobody can know. */
  markRewritten(segment: string, content: string): void {
    this.note(segment, content);
    this.rewritten.add(segment);
    if ((numberOf(segment) ?? 0) <= this.flushed) add(this.#flushedContents, segment, content);
  }

  wasFlushed(segment: string, content: string): boolean {
    return this.#flushedContents.get(segment)?.has(content) === true;
  }
}

function add(contents: Map<string, Set<string>>, segment: string, content: string): void {
  const known = contents.get(segment) ?? new Set();
  known.add(content);
  contents.set(segment, known);
}

export const ARCHIVE = '/archive/store';

export const nameOf = (number: number): string => `wal-${number.toString().padStart(4, '0')}.bin`;

export const numberOf = (name: string): number | undefined => {
  const digits = /^wal-(\d{4})\.bin$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** Relative to the archive's filesystem, which is mounted at `/archive`. */
export const objectPath = ({ name }: Source, segment: string): string =>
  `/store/${name}/00000000/${segment}.zst`;

function sourceAt(name: string, directory: string): Source {
  return directorySource({
    name,
    directory,
    pattern: /^wal-(?<number>\d{4})\.bin$/,
    afterArchive: 'delete',
  });
}
