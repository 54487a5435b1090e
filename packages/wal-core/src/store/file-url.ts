/** `file:///absolute/path`, taken as it stands: nothing of it is dropped, and nothing is read as anything else. */
import { resolve } from 'node:path';

export type FileUrl =
  | { readonly path: string; readonly fault?: never }
  | { readonly path?: never; readonly fault: string };

/** Characters that stand for something else in a URL, or that a URL parser drops. */
const misread: Readonly<Record<string, string>> = {
  '#': '%23',
  '?': '%3F',
  '\\': '%5C',
  '\t': '%09',
  '\n': '%0A',
  '\r': '%0D',
};

/** The absolute path of a `file:` URL, or what is wrong with it, with the right form. */
export function parseFileUrl(url: string): FileUrl {
  const { host, path } = /^file:\/\/(?<host>[^/]*)(?<path>\/.*)$/is.exec(url)?.groups ?? {};
  if (host === undefined || path === undefined) {
    return { fault: 'expected file:/// and an absolute path' };
  }
  if (!['', 'localhost'].includes(host.toLowerCase())) {
    return { fault: 'names a host or a user; expected file:/// with three slashes' };
  }
  for (const [character, escape] of Object.entries(misread)) {
    if (path.includes(character)) return { fault: `write ${shown(character)} as ${escape}` };
  }
  if (path.trimEnd() !== path) return { fault: 'ends in a space; write a space as %20' };
  return decode(path);
}

const shown = (character: string): string =>
  character < ' ' ? JSON.stringify(character) : `'${character}'`;

function decode(path: string): FileUrl {
  if (/%2f/i.test(path)) return { fault: "holds '/' as %2F; a file name cannot have one" };
  if (/%00/.test(path) || path.includes('\0')) return { fault: 'holds a NUL character' };
  try {
    return { path: resolve(decodeURIComponent(path)) };
  } catch {
    return { fault: "has a '%' that begins no escaped UTF-8 character; write '%' as %25" };
  }
}
