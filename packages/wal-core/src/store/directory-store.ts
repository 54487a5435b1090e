/** An archive in a directory: one file for each object, published by a hard link. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Disk } from '../disk/index.ts';
import { directoryDictionaries } from './directory/dictionaries.ts';
import { list, listSources } from './directory/list.ts';
import { placeAt } from './directory/place.ts';
import { prepare, probe } from './directory/probe.ts';
import { publish } from './directory/publish.ts';
import { fetch, readTail, stat } from './directory/read.ts';
import { directoryRecords } from './directory/records.ts';
import { remove } from './directory/remove.ts';
import { setAside } from './directory/set-aside.ts';
import { settle } from './directory/settle.ts';
import { space } from './directory/space.ts';
import { stage, unlinkStaged } from './directory/stage.ts';
import { sweep } from './directory/sweep.ts';
import type { ArchiveStore } from './store.ts';

/**
 * A process opens one store for a directory and shares it: the store remembers which objects failed
 * their fsync, and which sources it has seen. Nothing is touched before the first call.
 */
export function openDirectoryStore(directory: string, disk: Disk): ArchiveStore {
  const place = placeAt(resolve(directory), disk);
  return {
    url: pathToFileURL(place.root).href,
    stage: (key) => stage(place, key),
    publish: (staging) => publish(place, staging),
    discard: (staging) => unlinkStaged(place, staging.path),
    settle: (key) => settle(place, key),
    stat: (key) => stat(place, key),
    fetch: (key) => fetch(place, key),
    readTail: (key, bytesMax) => readTail(place, key, bytesMax),
    remove: (key) => remove(place, key),
    list: (source, isWanted) => list(place, source, isWanted),
    listSources: () => listSources(place),
    records: directoryRecords(place),
    dictionaries: directoryDictionaries(place),
    space: () => space(place),
    setAside: (key) => setAside(place, key),
    sweep: (source) => sweep(place, source),
    prepare: (bytes) => prepare(place, bytes),
    probe: () => probe(place),
  };
}
