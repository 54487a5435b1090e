/**
 * Answers the shell fast path of `archive_command` (apps/cli/bin/walq) where a producer runs: whether a marker proves
 * that a file is archived, or whether a process is likely to archive it soon. The script can compare a marker too, but
 * has to start `stat`.
 */
import { join } from 'node:path';
import type { Disk } from '../../base/disk/disk.ts';
import { repeat } from '../../base/repeat.ts';
import { RequestPipes, type PipeAnswer, type PipeRequest } from '../../base/request-pipes.ts';
import { fileStateText, useMarkerIn } from '../../pipeline/marker.ts';
import { walqDirectory, type Source } from '../../source/source.ts';
import { rolesAlive } from './heartbeat.ts';

interface AnswerOptions {
  readonly disk: Disk;
  readonly source: Source;
  /** Without pipes each push costs more; nothing else is affected. */
  readonly onFailure: (error: unknown) => void;
}

/** How often to see whether another producer has ended that answered until then. */
const SERVE_INTERVAL_MS = 1_000;

/** Returns a function that stops it. Does nothing for a source without markers. */
export function answerPushes(options: AnswerOptions): () => Promise<void> {
  const { source, onFailure } = options;
  if (source.sealedRule.kind !== 'ready') return async () => undefined;
  const directory = join(walqDirectory(source), 'pushes');
  const ended = new AbortController();
  let pipes: RequestPipes | undefined;
  const rounds = repeat(async () => {
    try {
      if (await RequestPipes.areServed(directory)) return SERVE_INTERVAL_MS;
      await pipes?.close();
      pipes = await RequestPipes.make(directory);
      pipes.onRequest((request) => answerTo(options, request, ended.signal));
    } catch (error) {
      onFailure(error);
    }
    return SERVE_INTERVAL_MS;
  });
  return async () => {
    ended.abort();
    rounds.stop();
    await rounds.ended;
    await pipes?.close();
  };
}

/** Key of the markers, state of the configuration, data directory, and configuration file: both begin with a slash. */
const REST =
  /^(?<key>[0-9a-f]{32}) (?<state>\d+ \d+ \S+ \S+) (?<data>\/.*?)\/(?<configuration>\/.*)$/;

/** Rejects where this process ends. */
async function answerTo(
  { disk, source }: AnswerOptions,
  { name, rest }: PipeRequest,
  ended: AbortSignal,
): Promise<PipeAnswer> {
  const { key, state, data, configuration } = REST.exec(rest)?.groups ?? {};
  if (key === undefined || data === undefined || configuration === undefined) return 'no';
  if (source.naming.parse(name) === undefined) return 'no';
  const directory = join(walqDirectory(source), 'acknowledged', key);
  try {
    if ((await fileStateText(disk, configuration)) !== state) return 'no';
    if (await useMarkerIn(disk, directory, join(data, 'pg_wal', name))) return 'yes';
    return (await rolesAlive(disk, source)) ? 'later' : 'no';
  } catch {
    ended.throwIfAborted();
    return 'no';
  }
}
