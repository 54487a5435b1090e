import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ARCHIVE_URL_EXPECTED =
  'a file:// URL or a path (s3:// comes with a later version of walq)';

const scheme = /^[a-z][a-z0-9+.-]+:/i;

/**
 * The place of an archive as a `file://` URL; a path is taken from `baseDirectory`. Undefined for what
 * is neither a path nor such a URL.
 */
export function parseArchiveUrl(text: string, baseDirectory: string): string | undefined {
  if (text === '') return undefined;
  const path = scheme.test(text) ? localPathOf(text) : resolve(baseDirectory, text);
  return path === undefined ? undefined : pathToFileURL(path).href;
}

function localPathOf(url: string): string | undefined {
  if (!/^file:\/\/\//i.test(url)) return undefined;
  try {
    return resolve(fileURLToPath(url));
  } catch {
    return undefined;
  }
}
