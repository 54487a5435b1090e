/** An archive in a directory: one file for each object, published by a hard link. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Disk } from '../../base/disk/disk.ts';
import { dictionaryStore, recordStore } from '../small-files.ts';
import type { ArchiveStore } from '../store.ts';
import { placeAt } from './place.ts';
import { prepare, probe, space } from './probe.ts';
import { publish, settle, stage, unlinkIfThere } from './publish.ts';
import { fetch, list, listSources, readTail, stat } from './read.ts';
import { remove, moveAside } from './remove.ts';
import { directoryFiles } from './small-files.ts';
import { sweep } from './sweep.ts';

/**
 * A process opens one store for a directory and shares it: the store remembers which objects failed
 * their fsync, and which sources it has seen. Nothing is touched before the first call.
 */
export function openDirectoryStore(directory: string, disk: Disk): ArchiveStore {
  const place = placeAt(resolve(directory), disk);
  const files = directoryFiles(place);
  return {
    url: pathToFileURL(place.root).href,
    stage: (key) => stage(place, key),
    publish: (staging) => publish(place, staging),
    discard: (staging) => unlinkIfThere(place, staging.path),
    settle: (key) => settle(place, key),
    stat: (key) => stat(place, key),
    fetch: (key) => fetch(place, key),
    readTail: (key, bytesMax) => readTail(place, key, bytesMax),
    remove: (key) => remove(place, key),
    list: (source, includesShard) => list(place, source, includesShard),
    listSources: () => listSources(place),
    records: recordStore(files),
    dictionaries: dictionaryStore(files),
    space: () => space(place),
    moveAside: (key) => moveAside(place, key),
    sweep: (source) => sweep(place, source),
    prepare: (bytes) => prepare(place, bytes),
    probe: () => probe(place),
  };
}
