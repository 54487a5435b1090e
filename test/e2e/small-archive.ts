import { nameOf, MEBIBYTE, newScene, type Scene } from '../scene/index.ts';
import { mountSmall } from './filesystem.ts';

export const SEGMENTS = 4;
/** What is left at the source when all is archived. */
export const newest = nameOf(SEGMENTS + 1);

/** A flushed source with its producer, and its archive on a filesystem of its own. */
export async function smallArchive(redisUrl: string, sizeBytes: number): Promise<Scene> {
  const scene = await newScene({ redisUrl });
  await mountSmall(scene.archive, sizeBytes);
  await scene.writeSegments(1, SEGMENTS + 1, 2 * MEBIBYTE);
  await scene.markFlushed(nameOf(SEGMENTS));
  await scene.start('producer');
  return scene;
}
