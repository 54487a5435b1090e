/** The buffers and codecs of one thread, allocated once and used for one task at a time. */
import { RunningChecksum } from './checksum.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { FrameDecoder } from './frame-decoder.ts';
import type { Disk } from '../base/disk/disk.ts';

const CHUNK_BYTES = 256 * 1024;
const STAGED_BYTES = 128 * 1024;
/** Few, because all asynchronous calls of a process share a few threads. */
const FSYNCS_MAX = 2;

/**
 * The fsyncs of staged files. While they are in flight the thread compresses the next segment, and the filesystem
 * commits them together.
 */
class FsyncsInFlight {
  readonly #begun: Promise<void>[] = [];

  /** Waits until another one may begin. */
  async turn(): Promise<void> {
    if (this.#begun.length >= FSYNCS_MAX) await this.#begun.shift();
  }

  /** Its failure is for whoever awaits it, who may do so later. */
  add(fsync: Promise<void>): Promise<void> {
    this.#begun.push(fsync.catch(() => undefined));
    return fsync;
  }
}

export class Workbench {
  readonly disk: Disk;
  readonly chunk = new Uint8Array(CHUNK_BYTES);
  /** Collects the writes to a staged file. */
  readonly staged = new Uint8Array(STAGED_BYTES);
  /** Of the source that is being read. */
  readonly checksum = new RunningChecksum();
  readonly encoder = new FrameEncoder();
  readonly decoder = new FrameDecoder();
  readonly fsyncs = new FsyncsInFlight();

  constructor(disk: Disk) {
    this.disk = disk;
  }
}
