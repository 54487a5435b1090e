/** An archive in a directory: one file for each object, published by a hard link. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Disk } from '../../base/disk/disk.ts';
import { directoryDictionaries } from './dictionaries.ts';
import { list, listSources } from './list.ts';
import { placeAt } from './place.ts';
import { prepare, probe } from './probe.ts';
import { publish } from './publish.ts';
import { fetch, readTail, stat } from './read.ts';
import { directoryRecords } from './records.ts';
import { remove } from './remove.ts';
import { setAside } from './set-aside.ts';
import { settle } from './settle.ts';
import { space } from './space.ts';
import { stage, unlinkStaged } from './stage.ts';
import { sweep } from './sweep.ts';
import type { ArchiveStore } from '../store.ts';

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
