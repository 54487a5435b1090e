/**
 * Trains a dictionary on a source's own segments: collects samples, runs zstd's trainer at several sizes, measures
 * each
 * dictionary on segments that it was not trained on, and stores the best in the archive if it saves enough.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { dictionaryInUse, useDictionary } from '../../archive/dictionary-in-use.ts';
import { readDictionaryFile } from '../../archive/dictionaries.ts';
import { dictionaryCacheOf } from '../../archive/dictionary-cache.ts';
import type { Dictionary } from '../../codec/dictionary.ts';
import { nodeDisk } from '../../base/disk/node-disk.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import { createLevels } from '../../pipeline/levels.ts';
import type { Level } from '../../pipeline/source-level.ts';
import { collectSamples, type CollectOptions, type Samples } from './collect-samples.ts';
import { evaluateDictionaries, type Evaluated, type Measurement } from './evaluate-dictionaries.ts';
import { discard } from '../../base/disk/write-file-durably.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import { MANIFEST_VERSION } from '../../codec/manifest.ts';

/** zstd's default size, and smaller ones, which cost a small archive less and are often as good. */
const SIZES_BYTES = [112_640, 32_768, 8_192];

interface TrainOptions extends CollectOptions {
  readonly level: Level;
  /** For how many segments it will be used. @default as many as the source and its archive hold */
  readonly segments?: number | undefined;
  /** Whether to measure without storing anything. @default false */
  readonly dryRun?: boolean;
  /** Runs zstd's trainer on files and returns the path of its output. */
  readonly train: (files: readonly string[], bytesMax: number) => Promise<string>;
  /** Called with a description of the next stage. */
  readonly onStage?: (stage: string) => void;
  /** Who trains: host and process. */
  readonly worker: string;
}

export interface DictionaryMeasurement extends Measurement {
  readonly origin: 'trained' | 'in-use';
  readonly dictionary: Dictionary;
}

export interface TrainingReport {
  /**
   * `stored`: a new dictionary is in use now. `kept`: the current one is as good as any new one. `no-gain`: none
   * saves enough,
   * and nothing was stored. `dry-run`: nothing was stored, whatever the result.
   */
  readonly outcome: 'stored' | 'kept' | 'no-gain' | 'dry-run';
  readonly samples: Samples;
  readonly level: number;
  /** For how many segments the dictionaries were evaluated. */
  readonly segments: number;
  /** Bytes of those segments without a dictionary. */
  readonly archiveBytesWithout: number;
  readonly evaluated: readonly Evaluated<DictionaryMeasurement>[];
  readonly best: Evaluated<DictionaryMeasurement> | undefined;
}

export async function trainDictionary(options: TrainOptions): Promise<TrainingReport> {
  const samples = await collectSamples(options);
  const level = await levelFor(options, samples);
  const segments = options.segments ?? samples.segmentCount;
  const measuredSegments = samples.measured.length;
  const none = { dictionaryBytes: 0, objectBytes: await measure(options, samples, level) };
  const measurements = [
    ...(await measureInUse(options, samples, level)),
    ...(await measureTrained(options, samples, level)),
  ];
  const { evaluated, best } = evaluateDictionaries({
    none,
    measurements,
    measuredSegments,
    segments,
  });
  const archiveBytesWithout = Math.round((none.objectBytes / measuredSegments) * segments);
  const outcome = await storeBest(options, best?.measurement);
  return { outcome, samples, level, segments, archiveBytesWithout, evaluated, best };
}

/** With `auto`, the level measured on a sample of the source. */
async function levelFor(options: TrainOptions, { measured }: Samples): Promise<number> {
  const { level, threads, source: name, signal } = options;
  const [path = ''] = measured;
  return createLevels({ level, threads }).levelOf({ source: { name }, path }, signal);
}

async function measure(
  options: TrainOptions,
  { measured: files }: Samples,
  level: number,
  dictionary?: Dictionary,
): Promise<number> {
  const what = dictionary === undefined ? 'none' : `one of ${dictionary.bytes.length} bytes`;
  options.onStage?.(`measuring ${files.length} segments with a dictionary: ${what}`);
  const measureOne = (file: string) => objectBytesOf(options, file, level, dictionary);
  let bytes = 0;
  for await (const one of mapInOrder(files, options.threads.parallelism, measureOne)) bytes += one;
  return bytes;
}

/** The current dictionary adds no bytes. If it is not available, another can still be trained. */
async function measureInUse(
  options: TrainOptions,
  samples: Samples,
  level: number,
): Promise<DictionaryMeasurement[]> {
  const { store, source } = options;
  try {
    const inUse = await dictionaryInUse(store, source);
    if (inUse === undefined) return [];
    const dictionary = await dictionaryCacheOf(store).read(source, inUse.sha256);
    const objectBytes = await measure(options, samples, level, dictionary);
    return [{ origin: 'in-use', dictionary, dictionaryBytes: 0, objectBytes }];
  } catch (error) {
    if (!isWalqError(error, 'dictionary-missing', 'dictionary-corrupt')) throw error;
    options.onStage?.(`the current dictionary is not available: ${error.message}`);
    return [];
  }
}

async function measureTrained(
  options: TrainOptions,
  samples: Samples,
  level: number,
): Promise<DictionaryMeasurement[]> {
  const measurements: DictionaryMeasurement[] = [];
  for (const bytesMax of SIZES_BYTES) {
    options.signal.throwIfAborted();
    options.onStage?.(`training a dictionary of ${bytesMax} bytes at most`);
    const file = await options.train(samples.trained, bytesMax);
    const dictionary = await readDictionaryFile(nodeDisk, file);
    const objectBytes = await measure(options, samples, level, dictionary);
    const dictionaryBytes = dictionary.bytes.length;
    measurements.push({ origin: 'trained', dictionary, dictionaryBytes, objectBytes });
  }
  return measurements;
}

async function storeBest(
  { store, source, threads, worker, dryRun = false, signal }: TrainOptions,
  best: DictionaryMeasurement | undefined,
): Promise<TrainingReport['outcome']> {
  if (dryRun) return 'dry-run';
  if (best === undefined) return 'no-gain';
  if (best.origin === 'in-use') return 'kept';
  const { sha256, bytes } = best.dictionary;
  await threads.checkDictionary({ dictionary: best.dictionary }, new AbortController().signal);
  if (signal.aborted) throw new WalqError('cancelled', { message: 'training was cancelled' });
  await store.dictionaries.create(source, sha256, bytes);
  await dictionaryCacheOf(store).readDurable(source, sha256);
  await useDictionary(store, source, { sha256, at: new Date().toISOString(), by: worker });
  return 'stored';
}

/** Bytes of the object that the pipeline makes of a file, including the manifest. The object is discarded. */
async function objectBytesOf(
  options: TrainOptions,
  sourcePath: string,
  level: number,
  dictionary: Dictionary | undefined,
): Promise<number> {
  const { threads, source, signal } = options;
  signal.throwIfAborted();
  const stagingPath = join(options.directory, `object-${randomUUID()}`);
  try {
    const manifest = {
      version: MANIFEST_VERSION,
      source,
      sourceId: randomUUID(),
      segment: 'a-name-of-usual-length',
      startedAt: new Date().toISOString(),
      worker: `host:${process.pid}`,
    } as const;
    const object = { sourcePath, stagingPath, format: 'raw', proof: 'inline', manifest } as const;
    const made = await threads.compress({ ...object, level, dictionary }, signal);
    await made.durable;
    return made.objectBytes;
  } finally {
    await discard(nodeDisk, stagingPath);
  }
}
