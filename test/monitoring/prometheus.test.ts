import { execFile } from 'node:child_process';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually, freePort, startRedis, temporaryDirectory } from '@walq/test-support';
import { nameOf, newScene, startWalq } from '../scene/index.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const deployed = (...parts: string[]): string => join(root, 'deploy', ...parts);
const promtool = (...args: string[]) => run('promtool', args);

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly type: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string }[];
}

async function panels(): Promise<readonly Panel[]> {
  const text = await readFile(deployed('grafana', 'walq.json'), 'utf8');
  return (JSON.parse(text) as { readonly panels: readonly Panel[] }).panels;
}

const namesIn = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/\bwalq_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    ),
  );

test('the rules are valid, each alert is tested and documented', async () => {
  await promtool('check', 'rules', deployed('prometheus', 'walq.rules.yml'));
  await promtool('check', 'config', deployed('prometheus', 'prometheus.yml'));
  const cases = deployed('prometheus', 'walq.rules.test.yml');
  await promtool('test', 'rules', cases);
  const rules = await readFile(deployed('prometheus', 'walq.rules.yml'), 'utf8');
  const tested = await readFile(cases, 'utf8');
  const guide = await readFile(join(root, 'docs/alarms.md'), 'utf8');
  for (const [, alert = ''] of rules.matchAll(/alert: (\w+)/g)) {
    expect(tested).toContain(`alertname: ${alert}`);
    expect(rules).toContain(`runbook: docs/alarms.md#${alert.toLowerCase()}\n`);
  }
  for (const [, anchor = ''] of rules.matchAll(/alarms\.md#(\w+)/g)) {
    expect(guide.toLowerCase()).toContain(`## ${anchor}\n`);
  }
});

test('the Grafana dashboard has unique ids, descriptions, no overlaps and valid expressions', async () => {
  const all = await panels();
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const taken = new Set<string>();
  for (const {
    title,
    type,
    description,
    gridPos: { x, y, w, h },
  } of all) {
    if (type !== 'row')
      expect([title, description]).toEqual([title, expect.stringMatching(/\w+ \w+/)]);
    expect(x + w).toBeLessThanOrEqual(24);
    for (let row = y; row < y + h; row += 1) {
      for (let column = x; column < x + w; column += 1) {
        expect(taken.has(`${row} ${column}`)).toBe(false);
        taken.add(`${row} ${column}`);
      }
    }
  }
  const rules = all
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$source', '.*')))
    .map(
      (expr, index) => `      - record: walq:expr${index}\n        expr: ${JSON.stringify(expr)}`,
    );
  const directory = await temporaryDirectory('grafana');
  const file = directory.at('rules.yml');
  await writeFile(file, `groups:\n  - name: grafana\n    rules:\n${rules.join('\n')}\n`);
  await promtool('check', 'rules', file);
});

test('live metrics are valid and documented, and include all that rules and panels use', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 6, 20_000);
  await rm(join(scene.source, nameOf(2)));
  await symlink('elsewhere', join(scene.source, nameOf(2)));
  const texts: string[] = [];
  const urls: string[] = [];
  for (const role of ['producer', 'worker', 'dashboard']) {
    const at = `127.0.0.1:${await freePort()}`;
    const env = {
      WALQ_METRICS__LISTEN: at,
      WALQ_DASHBOARD__LISTEN: `127.0.0.1:${await freePort()}`,
    };
    const running = await startWalq([role], { cwd: scene.root, env });
    await running.waitForLine(new RegExp(`${role} ready`));
    urls.push(`http://${at}/metrics`);
  }
  await eventually(() => scene.markFlushed(nameOf(5)));
  await scene.untilLeft([nameOf(2), nameOf(6)]);
  for (const url of urls) {
    const expected =
      url === urls[1]
        ? /walq_failures_total\{.*segment-malformed/
        : /walq_archived_segments\{source="orders"\} 4/;
    const text = await eventually(async () => {
      const answer = await (await fetch(url)).text();
      expect(answer).toMatch(expected);
      return answer;
    });
    texts.push(text);
    await checkMetrics(text);
    expect(text).not.toContain('wal-0');
  }
  const live = namesIn(texts.join('\n'));
  const documented = namesIn(await readFile(join(root, 'docs/metrics.md'), 'utf8'));
  expect([...live].toSorted()).toEqual([...documented].toSorted());
  const rules = await readFile(deployed('prometheus', 'walq.rules.yml'), 'utf8');
  const asked = JSON.stringify(await panels()) + rules;
  for (const name of namesIn(asked)) expect([...live]).toContain(name);
});

async function checkMetrics(text: string): Promise<void> {
  const checking = promtool('check', 'metrics');
  checking.child.stdin?.end(text);
  const { stdout, stderr } = await checking;
  expect(stdout + stderr).toBe('');
}
