import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';
import { mountTmpfs } from '../../store/tmpfs.ts';

describe('making a directory', () => {
  it('gives the directories that it created, outermost first', async () => {
    const directory = await temporaryDirectory();
    const made = await nodeDisk.makeDirectory(directory.at('a/b/../b/c/'));
    expect(made).toEqual([directory.at('a'), directory.at('a/b'), directory.at('a/b/c')]);
    expect(await nodeDisk.makeDirectory(directory.at('a/b/d'))).toEqual([directory.at('a/b/d')]);
    expect(await nodeDisk.makeDirectory(directory.at('a/b/d'))).toEqual([]);
    expect(await nodeDisk.makeDirectory('/')).toEqual([]);
  });

  it('creates each directory once when many callers do so at the same time', async () => {
    const directory = await temporaryDirectory();
    const makers = Array.from({ length: 20 }, () => nodeDisk.makeDirectory(directory.at('a/b/c')));
    const made = (await Promise.all(makers)).flat();
    expect(made.toSorted()).toEqual(['a', 'a/b', 'a/b/c'].map((name) => directory.at(name)));
  });

  it('follows a symbolic link, and fails on files and dangling links in the path', async () => {
    const directory = await temporaryDirectory();
    await mkdir(directory.at('real'));
    await symlink(directory.at('real'), directory.at('link'));
    await nodeDisk.makeDirectory(directory.at('link/below'));
    expect(await readdir(directory.at('real'))).toEqual(['below']);
    await writeFile(directory.at('file'), 'x');
    await symlink('/nowhere', directory.at('dangling'));
    const inTheWay = [
      ['file', 'EEXIST'],
      ['file/below', 'ENOTDIR'],
      ['dangling', 'EEXIST'],
      ['dangling/below', 'EEXIST'],
    ] as const;
    for (const [name, code] of inTheWay) {
      await expect(nodeDisk.makeDirectory(directory.at(name))).rejects.toMatchObject({ code });
    }
  });

  it('fails with EROFS on a read-only filesystem', async () => {
    const directory = await temporaryDirectory();
    if (!(await mountTmpfs(directory.at('mount'), 'size=200k,ro'))) return;
    await expect(nodeDisk.makeDirectory(directory.at('mount/a/b'))).rejects.toMatchObject({
      code: 'EROFS',
    });
  });
});
