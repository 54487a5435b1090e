/** The title of a job on the queue board. The payload may be of another version of walq, or from anyone. */
import { z } from 'zod';

const TITLE_CHARACTERS_MAX = 200;

const payload = z.looseObject({
  segments: z.array(z.looseObject({ segment: z.string() })).min(1),
});

/** Such as `wal-07.bin`, or `wal-07.bin to wal-12.bin, 6 segments`; the payload on the board has all names. */
export function jobTitle(data: unknown): string {
  const names = payload.safeParse(data).data?.segments.map(({ segment }) => segment);
  if (names === undefined) return 'unknown payload';
  const [first = '', ...more] = names;
  const last = more.at(-1);
  const title = last === undefined ? first : `${first} to ${last}, ${names.length} segments`;
  return title.slice(0, TITLE_CHARACTERS_MAX);
}
