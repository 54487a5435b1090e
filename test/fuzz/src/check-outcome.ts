import { isWalqError, type WalqError } from '@walq/wal-core/internal';
import type { Target } from './target.ts';

/** Undefined where the parser did as it should: a value, or a failure of the catalogue. */
export async function faultOf(target: Target, input: Buffer): Promise<string | undefined> {
  try {
    await target.run(Buffer.from(input));
    return undefined;
  } catch (error) {
    if (isWalqError(error) && isExplained(error)) return undefined;
    return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
  }
}

/** `unexpected` is what a fault of walq's own is called. */
const isExplained = ({ code, message, hint }: WalqError): boolean =>
  code !== 'unexpected' && message !== '' && hint !== '';
