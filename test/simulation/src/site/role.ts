import type { SimulatedDisk, SimulatedFilesystem } from '@walq/conformance';
import type { Wire } from '../queue/wire.ts';
import type { Machine, SimulatedProcess } from '../world/simulated-process.ts';
import type { Engine } from './engine.ts';
import type { SourceTruth } from './truth.ts';

export interface Host extends Machine {
  filesystem: SimulatedFilesystem;
  isArchiveMounted: boolean;
}

/** A place where a process runs, and runs again when it has died. */
export interface Role {
  readonly name: string;
  readonly host: Host;
  /** Of an engine with its producer. */
  readonly truth?: SourceTruth;
  running: Running | undefined;
}

export interface Running {
  readonly process: SimulatedProcess;
  readonly wire: Wire;
  readonly disk: SimulatedDisk;
  readonly engine?: Engine;
  store: StoreTrouble;
}

interface StoreTrouble {
  errno: string | undefined;
  share: number;
  /** Only an fsync fails. */
  isOfSync: boolean;
  latencyMs: number;
}
