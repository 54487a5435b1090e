import { join } from 'node:path';
import { startProcess, type RunningProcess } from '@walq/test-support';
import { holdBounded, type Scene } from '../scene/index.ts';

const script = join(import.meta.dirname, 'processes/short-lease-worker.mjs');

/** How long a killed or frozen worker of a test keeps its jobs. */
export const LEASE_MS = 2_000;

/** A worker of the scene with short locks; resolves when it takes jobs. */
export async function startShortLeaseWorker(
  scene: Scene,
  parallelism = 1,
): Promise<RunningProcess> {
  const env = { WALQ_TEST_LOCK_MS: String(LEASE_MS), WALQ_TEST_PARALLELISM: String(parallelism) };
  const worker = await startProcess(process.execPath, [script, join(scene.root, 'walq.toml')], {
    env,
  });
  await worker.waitForLine(/worker ready/);
  return holdBounded(worker);
}
