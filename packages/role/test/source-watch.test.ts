import { addSourceMetrics, createMetricsRegistry, watchSources } from '@walq/role';
import { eventually, temporaryDirectory } from '@walq/test-support';
import {
  advanceWatermark,
  directorySource,
  nodeDisk,
  openSource,
  openStore,
  trackDisk,
  type Disk,
  type SourceObservation,
} from '@walq/wal-core/internal';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';

async function newPlace(name: string) {
  const root = await temporaryDirectory(name);
  for (const folder of ['wal', 'archive']) await mkdir(root.at(folder));
  const source = directorySource({
    name,
    directory: root.at('wal'),
    pattern: /^wal-(?<number>\d+)\.bin$/,
    afterArchive: 'delete',
  });
  const store = openStore(root.at('archive'), { disk: nodeDisk });
  for (const n of [1, 2, 3]) await writeFile(root.at('wal', `wal-${n}.bin`), 'x'.repeat(100));
  const { sourceId } = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  const segment = source.naming.parse('wal-2.bin');
  if (segment !== undefined) await advanceWatermark(nodeDisk, source, sourceId, segment);
  return { root, source, store };
}

function watch(places: readonly Awaited<ReturnType<typeof newPlace>>[], disk: Disk = nodeDisk) {
  const stores = new Map(places.map(({ source, store }) => [source.name, store]));
  const seen: SourceObservation[] = [];
  const watching = watchSources({
    sources: places.map(({ source }) => source),
    storeOf: ({ name }) => {
      const store = stores.get(name);
      if (store === undefined) throw new Error(`no store for ${name}`);
      return store;
    },
    disk: trackDisk(disk),
    intervalMs: 20,
    onSnapshot: (snapshot) => seen.push(snapshot),
  });
  onTestFinished(() => watching.stop());
  return { watching, seen };
}

const metricsOf = async (watching: ReturnType<typeof watch>['watching']) => {
  const registry = createMetricsRegistry({ role: 'producer', version: '1' });
  addSourceMetrics(registry, watching);
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line.startsWith('walq_') && line.includes('source='));
};

test('figures come from the disk; an unknown value is absent, not 0', async () => {
  const place = await newPlace('orders');
  const { watching } = watch([place]);
  expect(await metricsOf(watching)).toEqual([]);
  await eventually(() => expect(watching.snapshots().get('orders')?.snapshot).toBeTruthy());
  const lines = await metricsOf(watching);
  expect(lines).toContain('walq_backlog_segments{source="orders"} 2');
  expect(lines).toContain('walq_backlog_bytes{source="orders"} 200');
  expect(lines).toContain('walq_gaps{source="orders"} 0');
  expect(lines).toContain('walq_store_available{source="orders"} 1');
  expect(lines.some((line) => /disk_free_bytes\{.*place="archive"\} \d+/.test(line))).toBe(true);
  expect(lines.some((line) => line.startsWith('walq_compression_ratio'))).toBe(false);

  await rename(place.root.at('archive'), place.root.at('away'));
  await eventually(() => expect(watching.snapshots().get('orders')?.failure).toBeTruthy());
  const away = await metricsOf(watching);
  expect(away).toEqual([
    'walq_store_available{source="orders"} 0',
    'walq_source_condition{source="orders",condition="unavailable",level="critical"} 1',
  ]);
});

test('a source that hangs delays neither the others nor the end', async () => {
  const [orders, ledger] = [await newPlace('orders'), await newPlace('ledger')];
  const hanging: Disk = {
    ...nodeDisk,
    list: (directory) =>
      directory === orders.source.directory ? never() : nodeDisk.list(directory),
  };
  const { watching, seen } = watch([orders, ledger], hanging);
  await eventually(() => {
    expect(seen.filter(({ source }) => source === 'ledger').length).toBeGreaterThan(2);
  });
  expect(seen.some(({ source }) => source === 'orders')).toBe(false);
  watching.stop();
});

async function* never(): AsyncGenerator<readonly string[]> {
  await new Promise<never>(() => undefined);
  yield [];
}
