/** `walq status`, `walq repair`, the archive page and the metrics, held against each other. */
import { expect } from 'vitest';
import { eventually } from '@walq/test-support';
import { namesOf, type ManySources } from './many-sources.ts';

/** Of each source, what every view says is wrong with it. Fails where two differ; gives what status said. */
export async function expectViewsAgree(
  many: ManySources,
  says: Readonly<Record<string, readonly string[]>>,
) {
  const [status, repairs] = [await many.status(), await many.repairs()];
  for (const [name, expected] of Object.entries(says)) {
    const own = status.sources[name];
    expect.soft([name, ...namesOf(own?.conditions ?? [])]).toEqual([name, ...expected.toSorted()]);
    const listed = namesOf(repairs[name]?.conditions ?? []);
    expect.soft([name, 'repair', ...listed]).toEqual([name, 'repair', ...expected.toSorted()]);
  }
  await eventually(async () => {
    const [page, metrics] = [await many.page(), await many.metrics()];
    for (const [name, expected] of Object.entries(says)) {
      const view = page.sources.find((one) => one.name === name);
      const conditions = {
        page: namesOf(view?.conditions ?? []),
        metrics: metrics.conditions(name),
      };
      const same = expected.toSorted();
      expect({ name, ...conditions }).toEqual({ name, page: same, metrics: same });
      const own = status.sources[name];
      const figures = {
        due: own?.dueSegments ?? null,
        unflushed: own?.unflushed?.segments ?? null,
        gaps: own?.gaps?.length ?? null,
        quarantined: own?.quarantined?.length ?? null,
      };
      expect({ name, figures }).toEqual({
        name,
        figures: {
          due: metrics.value('walq_backlog_segments', name),
          unflushed: metrics.value('walq_unflushed_segments', name),
          gaps: metrics.value('walq_gaps', name),
          quarantined: metrics.value('walq_quarantined_segments', name),
        },
      });
      expect({ name, due: view?.backlog?.segments ?? null }).toEqual({ name, due: figures.due });
      const open = repairs[name]?.gaps.filter(({ acknowledged }) => acknowledged === null).length;
      if (figures.gaps !== null) expect({ name, open }).toEqual({ name, open: figures.gaps });
      if (expected.length === 0)
        expect({ name, level: view?.level }).toEqual({ name, level: 'ok' });
    }
  });
  return status;
}
