import type { PageState, WorkerView } from '../../../src/state/page-state.ts';
import { bytesFormatFor, showAge } from '../format.ts';

const SHOWN_MAX = 8;

export const Workers = ({ state }: { readonly state: PageState }) => (
  <section aria-labelledby="workers-title">
    <h2 id="workers-title">Workers</h2>
    {state.workers.length === 0 && (
      <p class="empty">
        {state.redis === 'ok'
          ? 'No workers are running. Start one with walq worker.'
          : 'Unknown, because Redis is unreachable.'}
      </p>
    )}
    <div class="cards">
      {state.workers.map((worker) => (
        <Worker key={worker.id} worker={worker} now={state.at} />
      ))}
    </div>
    <p class="hint">
      {state.producers.length === 0
        ? `Producers: ${state.redis === 'ok' ? 'none are running' : 'unknown'}`
        : `Producers: ${state.producers.map(({ id, version }) => `${id} (${version})`).join(', ')}`}
    </p>
  </section>
);

function Worker({ worker, now }: { readonly worker: WorkerView; readonly now: number }) {
  const { id, host, version, threads, threadsBusy, inWork, notTaking, isStuck, lastProgressAt } =
    worker;
  const showBytes = bytesFormatFor(inWork.map(({ bytes }) => bytes));
  const busy = `${threadsBusy} of ${threads} threads busy`;
  return (
    <article class={isStuck ? 'card critical' : 'card'}>
      <header>
        <h3>{host}</h3>
        <span class="hint">{version}</span>
      </header>
      <p class="hint">{id}</p>
      <p>
        <meter min={0} max={Math.max(1, threads)} value={threadsBusy} aria-label={busy} /> {busy}
      </p>
      {isStuck && (
        <p class="problem">
          No progress for ten minutes. Check its disks and its log, then restart it.
        </p>
      )}
      {inWork.slice(0, SHOWN_MAX).map(({ source, segment, bytes, doneBytes, startedAt }) => (
        <p key={`${source} ${segment}`} class="in-work">
          <span>
            {source} {segment}
          </span>
          <progress max={bytes || 1} value={doneBytes} aria-label={`${segment} done`} />
          <span class="hint">
            {showBytes(doneBytes)} of {showBytes(bytes)}, started {showAge(now - startedAt)} ago
          </span>
        </p>
      ))}
      {inWork.length > SHOWN_MAX && <p class="hint">and {inWork.length - SHOWN_MAX} more</p>}
      {inWork.length === 0 && (
        <p class="hint">
          {lastProgressAt === null
            ? 'Idle.'
            : `Idle for ${showAge(Math.max(0, now - lastProgressAt))}.`}
        </p>
      )}
      {notTaking.map(({ source, why }) => (
        <p key={source} class="problem">
          Takes no segments of {source}: {why}
        </p>
      ))}
    </article>
  );
}
