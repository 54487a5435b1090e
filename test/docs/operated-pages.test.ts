/** Runs each shell block of the pages for operators unchanged, and compares its output with the page. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { redisBinary, startProcess, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { allBlocks, blocksOf, commandsOf, root, masked, shownBy, type Block } from './blocks.ts';
import { elsewhere, played, untested, type Played } from './operated-pages.ts';

const MINUTES = 60_000;
/** These have tests of their own: scenes.test.ts here, and test/postgres/documented. */
const others = ['README.md', 'docs/start.md', 'docs/postgresql/tutorial.md'];
const shells = ['sh', 'console'];

const firstOf = (block: Block): string => commandsOf(block)[0] ?? '';

test('each shell block is run here or by a named test', async () => {
  const blocks = (await allBlocks()).filter(({ language }) => shells.includes(language));
  const all = blocks.filter(({ page }) => !others.includes(page)).map(firstOf);
  const run = Object.values(played)
    .flat()
    .map(({ first }) => first);
  const notHere = [...Object.keys(elsewhere), ...Object.keys(untested)];
  expect(all.toSorted()).toEqual([...run, ...notHere].toSorted());
});

test.each(Object.entries(elsewhere))('%s is run by a test that exists', async (_, named) => {
  const text = await readFile(join(root, named.file), 'utf8');
  expect([named.test, text.includes(`'${named.test}'`)]).toEqual([named.test, true]);
});

test.each(Object.entries(played))(
  '%s',
  async (page, scenes) => {
    const { path, at } = await temporaryDirectory('page');
    await mkdir(at('bin'));
    await symlink(join(root, 'apps/cli/bin/walq'), at('bin/walq'));
    const blocks = await blocksOf(page);
    const shellBlocks = blocks.filter(({ language }) => shells.includes(language));
    const found = scenes.map((scene) => {
      // Two blocks may begin alike: they run in the page's order.
      const at = shellBlocks.findIndex((one) => firstOf(one) === scene.first);
      const [block] = at === -1 ? [] : shellBlocks.splice(at, 1);
      if (block === undefined) throw new Error(`${page} has no block '${scene.first}'`);
      return { scene, block };
    });
    const said = await onHost(path, found.map(asScript).join('\n'));
    const parts = said.split(MARK).slice(1);
    for (const [index, { scene, block }] of found.entries()) {
      const part = parts[index] ?? 'nothing';
      expect(/^exit (\d+)$/m.exec(part)?.[1], `${block.at}\n${part}`).toBe(String(scene.code ?? 0));
      for (const line of scene.isOther ? [] : shownBy(block)) {
        expect(masked(part)).toContain(masked(line));
      }
    }
  },
  3 * MINUTES,
);

const MARK = '=== ';

/** Prints where the block begins, runs it, and prints its exit code; commands before it must succeed. */
const asScript = ({ scene, block }: { scene: Played; block: Block }): string => `
set -e; ${scene.before ?? ''}
set +e; echo '${MARK}'
${commandsOf(block).join('\n')}
echo "exit $?"; cd "$HOME"`;

async function onHost(home: string, script: string): Promise<string> {
  const PATH = `${home}/bin:${process.env['PATH'] ?? ''}`;
  const args = ['--mount', '--net', 'sh', join(import.meta.dirname, 'host.sh'), home];
  const running = await startProcess('unshare', [...args, `exec 2>&1; ${script}`], {
    env: { PATH, HOME: home, TZ: 'UTC', REDIS_SERVER: await redisBinary() },
  });
  await running.exit;
  return running.stdout + running.stderr;
}
