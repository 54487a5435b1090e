import { MEBIBYTE, nameOf, newScene, type Scene } from '../scene/index.ts';

const SEGMENTS = 4;
const SEGMENT_BYTES = 4 * MEBIBYTE;
/** What is left at either source when all is archived. */
export const newest = nameOf(SEGMENTS + 1);

export interface TwoSources {
  /** Whose disks are in trouble; its configuration has both. */
  readonly scene: Scene;
  /** The other one in the same roles, with an archive of its own. */
  readonly other: Scene;
}

export async function twoSources(redisUrl: string): Promise<TwoSources> {
  const other = await newScene({ redisUrl, source: 'ledger' });
  const moreLines = [
    '[sources.ledger]',
    'type = "directory"',
    `path = '${other.source}'`,
    `pattern = '^wal-(?<number>\\d+)\\.bin$'`,
    'after_archive = "delete"',
    `archive = "file://${other.archive}"`,
  ];
  return { scene: await newScene({ redisUrl, moreLines }), other };
}

export async function writeAndFlush(scene: Scene, bytes = SEGMENT_BYTES): Promise<void> {
  await scene.writeSegments(1, SEGMENTS + 1, bytes);
  await scene.markFlushed(nameOf(SEGMENTS));
}
