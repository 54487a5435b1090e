/** Renders a failure as text for people or as JSON for programs. */
import { printable, printableJson, printableLines } from '@walq/wal-core/printable';

/** The fields of a failure that are shown. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Follows the hint of a failure that has a code. */
export const seeAnchor = (code: string | null | undefined): string =>
  code === null || code === undefined ? '' : ` See ${anchorOf(code)}.`;

/** The page and anchor that explain a code. */
const anchorOf = (code: string): string => `docs/errors.md#${code}`;

/** How the command was called. */
export interface RenderOptions {
  readonly json: boolean;
  /** Adds the chain of causes. */
  readonly debug: boolean;
}

const CAUSES_MAX = 10;

/**
 * Any thrown value. Recognised by its shape and not by its class, because this must also work when
 * wal-core cannot be loaded, and because `walq --version` must not load it.
 */
export function toFailure(error: unknown): Failure {
  if (hasShape(error)) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'unexpected',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a bug in walq. Please report it with the output of --debug.',
  };
}

const hasShape = (error: unknown): error is Error & Failure =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  'hint' in error &&
  typeof error.hint === 'string';

const usageOf = (error: unknown): string | undefined =>
  error instanceof Error && 'usage' in error && typeof error.usage === 'string'
    ? error.usage
    : undefined;

export function renderFailure(error: unknown, { json, debug }: RenderOptions): string {
  const failure = toFailure(error);
  const usage = usageOf(error);
  if (json) return printableJson(JSON.stringify({ error: failure }));
  return [
    // Indented, so that a value with line breaks in it cannot pass for another message.
    `walq: ${printableLines(failure.message).replaceAll('\n', '\n  ')}`,
    ...(usage === undefined ? [] : [`  usage: ${usage}`]),
    `  hint: ${printable(failure.hint)}`,
    `  code: ${failure.code}, see ${anchorOf(failure.code)}`,
    ...(debug ? causesOf(error) : []),
  ].join('\n');
}

function causesOf(error: unknown): string[] {
  const lines = stackOf(error);
  for (let cause = causeOf(error), depth = 0; cause !== undefined; cause = causeOf(cause)) {
    lines.push('  caused by:', ...stackOf(cause));
    if ((depth += 1) === CAUSES_MAX) break;
  }
  return lines;
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

function stackOf(error: unknown): string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return printableLines(text)
    .split('\n')
    .map((line) => `    ${line.trim()}`);
}
