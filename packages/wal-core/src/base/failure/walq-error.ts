import { catalogue, type FailureClass, type FailureCode } from './catalogue.ts';

export interface WalqErrorContext {
  /** What happened, to what, and why, as a sentence without a full stop. */
  readonly message: string;
  /** Replaces the catalogue's hint where the place knows better. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failure of the catalogue. Its `message` says what and why, its `hint` what to do next. */
export class WalqError extends Error {
  override readonly name = 'WalqError';
  readonly code: FailureCode;
  readonly hint: string;

  constructor(code: FailureCode, context: WalqErrorContext) {
    super(context.message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.hint = context.hint ?? catalogue[code].hint;
  }

  get class(): FailureClass {
    return catalogue[this.code].class;
  }
}

/** True for a failure with one of these codes; for any failure of the catalogue without codes. */
export function isWalqError(error: unknown, ...codes: FailureCode[]): error is WalqError {
  return error instanceof WalqError && (codes.length === 0 || codes.includes(error.code));
}

/** What crosses a thread or a process: a failure as plain data. */
export interface FailureRecord {
  readonly code: FailureCode;
  readonly message: string;
  readonly hint: string;
}

export function toFailureRecord(error: unknown): FailureRecord {
  const failure = asWalqError(error);
  return { code: failure.code, message: failure.message, hint: failure.hint };
}

export function fromFailureRecord(record: FailureRecord): WalqError {
  return new WalqError(record.code, record);
}

/** Any thrown value as a failure of the catalogue; the unknown becomes `unexpected`, never swallowed. */
export function asWalqError(error: unknown): WalqError {
  if (error instanceof WalqError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new WalqError('unexpected', { message, cause: error });
}
