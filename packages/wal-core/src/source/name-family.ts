/**
 * Names that differ in their numbers only are one family. This file finds the families among file names and, where it
 * is certain, which part of the name is the counter.
 *
 * The order does not depend on the base. In decimal and in hexadecimal the longer number is the higher one, and of two
 * numbers of equal length the one that sorts last. Only leading zeros of a longer number would break that; such names
 * are refused.
 */
import type { NumberBase } from './naming.ts';
import { isHash } from './unordered-names.ts';

/** The parts of a name: `texts` has one element more than `numbers`. */
interface Parts {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
}

/** The pattern of a family in which one part is the counter and nothing else differs. */
export interface FamilyPattern {
  readonly pattern: string;
  readonly base: NumberBase;
}

export class NameFamily {
  readonly texts: readonly string[];
  /** One name, for messages. */
  readonly sample: string;
  /** Some of its names, for checks of the files. */
  readonly samples: string[] = [];
  count = 0;
  readonly #slots: Slot[];

  constructor(sample: string, parts: Parts) {
    this.sample = sample;
    this.texts = parts.texts;
    this.#slots = parts.numbers.map((number) => new Slot(number));
  }

  add(name: string, { numbers }: Parts): void {
    this.count += 1;
    if (this.samples.length < SAMPLES_MAX) this.samples.push(name);
    for (const [index, number] of numbers.entries()) this.#slots[index]?.add(number);
  }

  /** The names as a person writes them: `wal-#.bin`. */
  get shown(): string {
    return this.texts.join('#');
  }

  /** Undefined where several parts differ, or where the numbers cannot be ordered. */
  get certain(): FamilyPattern | undefined {
    const differing = this.#slots.flatMap((slot, index) => (slot.differs ? [index] : []));
    const [counting, more] = this.#slots.length === 1 ? [0] : differing;
    const slot = counting === undefined ? undefined : this.#slots[counting];
    if (counting === undefined || more !== undefined || slot?.isOrdered !== true) return undefined;
    return this.#patternWith(counting);
  }

  /** Whether its numbers are checksums or identifiers rather than a counter. */
  get isHashLike(): boolean {
    return this.#slots.some((slot) => slot.isHashLike);
  }

  /** As `certain`, otherwise the most likely pattern, as a proposal for a person. */
  get proposed(): FamilyPattern {
    const differing = this.#slots.findIndex((slot) => slot.differs);
    return this.#patternWith(differing === -1 ? this.#slots.length - 1 : differing);
  }

  /** As `proposed`, with digits of base 16 in the case of this name's letters. */
  proposedIn16(name: string): FamilyPattern {
    const digits = /[A-F]/.test(name) ? '[0-9A-F]' : '[0-9a-f]';
    const { pattern } = this.proposed;
    return { pattern: pattern.replace('(?<number>\\d', () => `(?<number>${digits}`), base: 16 };
  }

  #patternWith(counting: number): FamilyPattern {
    const parts = this.texts.flatMap((text, index) => {
      const slot = this.#slots[index];
      if (slot === undefined) return [literal(text)];
      if (index === counting) return [literal(text), `(?<number>${slot.expression})`];
      return [literal(text), slot.differs ? slot.expression : literal(slot.first)];
    });
    return { pattern: `^${parts.join('')}$`, base: this.#slots[counting]?.base ?? 10 };
  }
}

const SAMPLES_MAX = 64;

/** One numeric part of a family's names. */
class Slot {
  readonly first: string;
  differs = false;
  #widthMin: number;
  #widthMax: number;
  #hasLeadingZero = false;
  #widthOfZeros = 0;
  #letters = new Set<'lower' | 'upper'>();
  readonly #firstDigits = new Set<string>();

  constructor(first: string) {
    this.first = first;
    this.#widthMin = first.length;
    this.#widthMax = first.length;
  }

  add(number: string): void {
    if (number !== this.first) this.differs = true;
    this.#widthMin = Math.min(this.#widthMin, number.length);
    this.#widthMax = Math.max(this.#widthMax, number.length);
    if (number.length > 1 && number.startsWith('0')) {
      this.#hasLeadingZero = true;
      this.#widthOfZeros = Math.max(this.#widthOfZeros, number.length);
    }
    this.#firstDigits.add(number.charAt(0).toLowerCase());
    if (/[a-f]/.test(number)) this.#letters.add('lower');
    if (/[A-F]/.test(number)) this.#letters.add('upper');
  }

  get base(): NumberBase {
    return this.#letters.size === 0 ? 10 : 16;
  }

  get isHashLike(): boolean {
    const isHexadecimal = this.#letters.size > 0 && this.#widthMin === this.#widthMax;
    return isHexadecimal && isHash(this.#widthMin, this.#firstDigits);
  }

  /** Leading zeros pad to the smallest width, or there are none; letters are of one case. */
  get isOrdered(): boolean {
    const isPadded = !this.#hasLeadingZero || this.#widthOfZeros === this.#widthMin;
    return isPadded && this.#letters.size < 2;
  }

  get expression(): string {
    const isWide =
      this.#hasLeadingZero || (this.#widthMin === this.#widthMax && this.#widthMin > 1);
    return `${this.#digits}${isWide ? `{${this.#widthMin},}` : '+'}`;
  }

  get #digits(): string {
    if (this.#letters.size === 0) return '\\d';
    if (this.#letters.size === 2) return '[0-9a-fA-F]';
    return this.#letters.has('upper') ? '[0-9A-F]' : '[0-9a-f]';
  }
}

/** Groups names into families, in bounded memory. With too many families it gives up. */
export class FamilyFinder {
  readonly #families = new Map<string, NameFamily>();
  hasTooMany = false;

  /** Ignores names without a digit, and hidden and unfinished files. */
  add(name: string): void {
    const parts = partsOf(name);
    if (parts === undefined || this.hasTooMany) return;
    const key = parts.texts.join('\0');
    let family = this.#families.get(key);
    if (family === undefined) {
      this.hasTooMany = this.#families.size === FAMILIES_MAX;
      if (this.hasTooMany) return;
      family = new NameFamily(name, parts);
      this.#families.set(key, family);
    }
    family.add(name, parts);
  }

  /** The largest first. */
  get families(): readonly NameFamily[] {
    return [...this.#families.values()].toSorted((a, b) => b.count - a.count);
  }
}

const FAMILIES_MAX = 32;

export const isNumbered = (name: string): boolean => partsOf(name) !== undefined;

/** Whether a name without digits has a word that could be a hexadecimal number, such as `a.log`. */
export const isHexadecimalWord = (name: string): boolean =>
  !unfinished.test(name) &&
  !/\d/.test(name) &&
  (name.match(/[A-Za-z]+/g) ?? []).some((word) => /^(?:[a-f]{1,16}|[A-F]{1,16})$/.test(word));

export const sameFamily = (a: string, b: string): boolean => {
  const [partsOfA, partsOfB] = [partsOf(a), partsOf(b)];
  return partsOfA !== undefined && partsOfA.texts.join('\0') === partsOfB?.texts.join('\0');
};

export const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Names of hidden files, and of files that a program has not finished. */
const unfinished = /^\.|\.(?:tmp|temp|part|partial|lock|swp)$|~$/;

/** Undefined for a hidden or unfinished file, and for a name without a digit. */
function partsOf(name: string): Parts | undefined {
  if (unfinished.test(name) || !/\d/.test(name)) return undefined;
  const texts = [''];
  const numbers: string[] = [];
  const pieces = name.match(/[0-9A-Za-z]+|[^0-9A-Za-z]+/g) ?? [];
  for (const piece of pieces.flatMap(splitWord)) {
    if (isNumber(piece)) {
      numbers.push(piece);
      texts.push('');
    } else {
      texts.push((texts.pop() ?? '') + piece);
    }
  }
  return { texts, numbers };
}

const hexadecimal = /^(?:[0-9a-f]+|[0-9A-F]+)$/;
const isNumber = (piece: string): boolean => /\d/.test(piece) && hexadecimal.test(piece);

/**
 * `segment0001f` is a word and a number. Letters of a word that could be digits, such as in `dead01`, precede every
 * number of the family and do not change the order. Other mixtures, such as `20261130T0203`, have several numbers.
 */
function splitWord(word: string): readonly string[] {
  const [, before, digits] = /^(.*?0[xX])([0-9A-Fa-f]+)$/.exec(word) ?? [];
  if (before !== undefined && digits !== undefined && isNumber(digits)) return [before, digits];
  if (isNumber(word) || !/\d/.test(word)) return [word];
  const at = word.search(/\d/);
  const rest = word.slice(at);
  return isNumber(rest) ? [word.slice(0, at), rest] : (word.match(/\d+|[^\d]+/g) ?? [word]);
}
