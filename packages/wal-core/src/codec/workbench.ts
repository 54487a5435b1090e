/** The buffers and codecs of one thread, allocated once and used for one task at a time. */
import { RunningChecksum } from './checksum.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { FrameDecoder } from './frame-decoder.ts';
import type { Disk } from '../base/disk/disk.ts';

const CHUNK_BYTES = 256 * 1024;
const STAGED_BYTES = 128 * 1024;

export class Workbench {
  readonly disk: Disk;
  readonly chunk = new Uint8Array(CHUNK_BYTES);
  /** Collects the writes to a staged file. */
  readonly staged = new Uint8Array(STAGED_BYTES);
  /** Of the source that is being read. */
  readonly checksum = new RunningChecksum();
  readonly encoder = new FrameEncoder();
  readonly decoder = new FrameDecoder();

  constructor(disk: Disk) {
    this.disk = disk;
  }
}
