import type { Readable } from 'node:stream';

const LINE_CHARACTERS_MAX = 64 * 1024;

/** The lines of a child's output. One that never ends is handed on in pieces, so that memory is bounded. */
export async function* splitLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const text of stream as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > LINE_CHARACTERS_MAX) {
      yield rest;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}
