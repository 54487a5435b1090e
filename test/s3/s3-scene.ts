/** A scene whose archive is in S3: its objects are copied into the scene's directory, where tests read them. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newScene, type Scene } from '../scene/index.ts';
import type { S3Site } from './server.ts';

export interface S3SceneOptions {
  readonly site: S3Site;
  readonly redisUrl?: string;
  /** Default the server itself. */
  readonly endpoint?: string;
  /** More lines of `[archive.s3]`. */
  readonly lines?: readonly string[];
}

export interface S3Scene {
  readonly scene: Scene;
  readonly url: string;
  /** Brings what is in the archive now into the scene's directory, in place of what was there. */
  mirror(): Promise<void>;
  /** Names of the objects of the source in the archive. */
  archived(): Promise<string[]>;
}

export async function newS3Scene({
  site,
  redisUrl,
  endpoint = site.server.endpoint,
  lines = [],
}: S3SceneOptions): Promise<S3Scene> {
  const url = site.freshUrl();
  const archiveLines = [`url = "${url}"`, '[archive.s3]', `endpoint = "${endpoint}"`, ...lines];
  const scene = await newScene({ archiveLines, ...(redisUrl !== undefined && { redisUrl }) });
  return {
    scene,
    url,
    mirror: async () => {
      await rm(scene.archive, { recursive: true, force: true });
      await mkdir(scene.archive);
      for (const name of (await site.objects(url)).keys()) {
        const path = join(scene.archive, name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, await site.content(url, name));
      }
    },
    archived: async () => {
      const names = [...(await site.objects(url)).keys()];
      return names.filter((name) => name.endsWith('.zst')).toSorted();
    },
  };
}
