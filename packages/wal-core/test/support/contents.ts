/** Segments of several kinds, the same in every run. */

/** What an engine logs: short records of numbered fields, some of which repeat. */
export function records(bytes: number, seed = 1): Buffer {
  const next = numbers(seed);
  const all = Buffer.alloc(bytes);
  for (let at = 0; at < bytes;) {
    const fields = `{"account":${next() % 5_000},"delta":${(next() % 10_000) - 5_000},"at":${at}}\n`;
    at += all.write(fields, at);
  }
  return all;
}

const words = 'commit insert update vacuum heap index page block tuple toast checkpoint'.split(' ');

export function text(bytes: number, seed = 1): Buffer {
  const next = numbers(seed);
  const all = Buffer.alloc(bytes);
  for (let at = 0; at < bytes;) at += all.write(`${words[next() % words.length] ?? ''} `, at);
  return all;
}

export function noise(bytes: number, seed = 1): Buffer {
  const next = numbers(seed);
  const all = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) all.writeUInt32LE(next(), at);
  return all;
}

/** Xorshift with 32 bits. */
function numbers(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
