import { catalogue, type FailureClass, type FailureCode } from './catalogue.ts';

export interface WalqErrorContext {
  /** What happened, to which file or segment, and why: a sentence without a full stop. */
  readonly message: string;
  /** Replaces the catalogue's hint where the caller can give a better one. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failure of the catalogue. Its `message` says what happened and why, its `hint` what to do. */
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

/** A failure as plain data, to be passed to another thread or process. */
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

/** Any thrown value as a failure of the catalogue; an unknown one becomes `unexpected`. */
export function asWalqError(error: unknown): WalqError {
  if (error instanceof WalqError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new WalqError('unexpected', { message, cause: error });
}
