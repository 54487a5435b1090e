/** An archive in a directory: one file for each object, published by a hard link. */
import { pathToFileURL } from 'node:url';
import type { Disk } from '../../base/disk/disk.ts';
import { dictionaryStore, recordStore } from '../small-files.ts';
import type { ArchiveStore } from '../store.ts';
import { newDirectoryArchive } from './directory-archive.ts';
import type { SharedDirectory } from './shared-directory.ts';
import { prepare, probe, space } from './probe.ts';
import { makeDurable, publish, stage, unlinkIfThere } from './publish.ts';
import { fetch, list, listSources, readTail, stat } from './read.ts';
import { remove, moveAside } from './remove.ts';
import { directoryFiles } from './small-files.ts';
import { sweep } from './sweep.ts';

/**
 * A process opens one store for a directory and shares it: the store records which objects failed their fsync, and
 * which sources it has seen. A thread opens a store of its own, of what the threads share. Does no I/O before the first
 * call.
 */
export function openDirectoryStore(shared: SharedDirectory, disk: Disk): ArchiveStore {
  const { root, distrust, limit } = shared;
  const archive = newDirectoryArchive(root, disk, distrust);
  const files = directoryFiles(archive);
  return {
    shared,
    url: pathToFileURL(archive.root).href,
    stage: async (key) => ({ ...(await stage(archive, key)), limit }),
    publish: (stagings) => publish(archive, stagings),
    discard: (staging) => unlinkIfThere(archive, staging.path),
    makeDurable: (key) => makeDurable(archive, key),
    stat: (key) => stat(archive, key),
    fetch: (key) => fetch(archive, key),
    readTail: (key, bytesMax) => readTail(archive, key, bytesMax),
    remove: (key) => remove(archive, key),
    list: (source, includesShard) => list(archive, source, includesShard),
    listSources: () => listSources(archive),
    records: recordStore(files),
    dictionaries: dictionaryStore(files),
    space: () => space(archive),
    moveAside: (key) => moveAside(archive, key),
    sweep: (source) => sweep(archive, source),
    prepare: (bytes) => prepare(archive, bytes),
    probe: () => probe(archive),
  };
}
