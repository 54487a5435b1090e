import { WalqError } from './walq-error.ts';
import type { FailureCode } from './catalogue.ts';

/** The errno code of a failed system call, such as `ENOENT`; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');

/** The result; undefined where the file or directory does not exist. Throws any other error, converted by `toFailure`. */
export async function ifPresent<T>(
  work: Promise<T>,
  toFailure: (error: unknown) => unknown = (error) => error,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toFailure(error);
  }
}

export const isExisting = (error: unknown): boolean => errnoOf(error) === 'EEXIST';

const storeCodes: Readonly<Record<string, FailureCode>> = {
  ENOSPC: 'store-full',
  EDQUOT: 'store-full',
  EROFS: 'store-read-only',
  EACCES: 'store-read-only',
  EPERM: 'store-read-only',
};

/** A failed system call at the archive, as a failure of the catalogue. */
export function storeFailure(what: string, error: unknown): WalqError {
  if (error instanceof WalqError) return error;
  const code = storeCodes[errnoOf(error) ?? ''] ?? 'store-unavailable';
  return new WalqError(code, { message: `unable to ${what}: ${reasonOf(error)}`, cause: error });
}

/** A failed system call at a source, as a failure of the catalogue. */
export function sourceFailure(what: string, error: unknown): WalqError {
  if (error instanceof WalqError) return error;
  const isDenied = ['EACCES', 'EPERM'].includes(errnoOf(error) ?? '');
  const code = isDenied ? 'source-denied' : 'source-io';
  return new WalqError(code, { message: `unable to ${what}: ${reasonOf(error)}`, cause: error });
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
