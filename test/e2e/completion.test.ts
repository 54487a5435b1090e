/** The scripts of `walq completion`, in the real shells, for the installed command. */
import { startProcess, temporaryDirectory, type RunningProcess } from '@walq/test-support';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const walq = join(import.meta.dirname, '../../apps/cli/bin/walq');

/** Each prints, for the words `$@`, what the shell would offer for the last of them, one a line. */
const shells = {
  bash: [
    'bash',
    '-c',
    `source ./walq.bash
     COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
     compopt() { :; }
     _walq walq
     printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
  ],
  zsh: [
    'zsh',
    '-f',
    '-c',
    `zmodload zsh/zpty
     line="\${(j: :)@}"
     zpty inner zsh -f -i
     zpty -w inner "source \${(q)WALQ_TEST_CAPTURE}; source ./walq.zsh; print begun"
     zpty -r inner seen $'*\\nbegun*'
     zpty -w -n inner "$line"$'\\t'
     zpty -r inner seen $'*<<*>>*'
     print -r -- "\${\${seen##*<<}%%>>*}"`,
    'zsh',
  ],
  fish: ['fish', '--no-config', '-c', 'source ./walq.fish; complete -C "$argv"'],
} as const;

/** For an interactive zsh: prints what the first completion adds, between two marks, instead of adding it. */
const CAPTURE = `
autoload -U compinit && compinit -u -D
zstyle ':completion:*' verbose no
bindkey '^I' complete-word
compadd() {
  local -a hits
  if [[ " \${@[1,(i)--]} " == *' -'[ADO]' '* ]]; then builtin compadd "$@"; return; fi
  builtin compadd -A hits "$@"
  captured+=($hits)
  builtin compadd "$@"
}
typeset -ga captured
before() { captured=() }
after() { print -r -- "<<"; print -rl -- $captured; print -r -- ">>" }
compprefuncs=(before) comppostfuncs=(after)
`;

async function completing(shell: keyof typeof shells) {
  const directory = await temporaryDirectory('completion');
  for (const name of ['bin', 'wal']) await mkdir(directory.at(name));
  await symlink(walq, directory.at('bin/walq'));
  await writeFile(directory.at('capture.zsh'), CAPTURE);
  await writeFile(directory.at('walq-file.toml'), '');
  const source = (name: string) => `[sources.${name}]\ntype = "log"\npath = "wal"\n`;
  await writeFile(directory.at('walq.toml'), `archive.url = "archive"\n${source('orders')}`);
  await writeFile(directory.at('other.toml'), `archive.url = "archive"\n${source('ledger')}`);
  const [program, ...args] = shells[shell];
  const env = {
    PATH: `${directory.at('bin')}:${process.env['PATH'] ?? ''}`,
    HOME: directory.path,
    TERM: 'dumb',
    WALQ_TEST_CAPTURE: directory.at('capture.zsh'),
  };
  const script = await ended(await startProcess('walq', ['completion', shell], { env }));
  expect(script.stderr).toBe('');
  await writeFile(directory.at(`walq.${shell}`), script.stdout);
  return async (...words: string[]): Promise<string[]> => {
    const line = shell === 'fish' ? [words.join(' ')] : words;
    const { stdout, stderr } = await ended(
      await startProcess(program, [...args, ...line], { cwd: directory.path, env }),
    );
    expect(stderr).toBe('');
    const found = stdout.split(/\r?\n/).map((one) => one.split('\t')[0]?.trim() ?? '');
    return [...new Set(found.filter((one) => one !== ''))].toSorted();
  };
}

async function ended(running: RunningProcess) {
  const { code } = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

describe.each(Object.keys(shells) as (keyof typeof shells)[])('completion in %s', (shell) => {
  it('offers commands, options, their choices, sources and files', async () => {
    const complete = await completing(shell);
    expect(await complete('walq', 're')).toEqual(['repair', 'restore', 'resume', 'retry']);
    expect(await complete('walq', 'verify', '--d')).toEqual(['--debug', '--deep']);
    expect(await complete('walq', 'worker', '--log-level', 'w')).toEqual(['warn']);
    expect(await complete('walq', 'completion', '')).toEqual(['bash', 'fish', 'zsh']);
    expect(await complete('walq', 'help', 'verif')).toEqual(['verify']);
    expect(await complete('walq', 'pause', '')).toEqual(['orders']);
    expect(await complete('walq', 'show', '--source', '')).toEqual(['orders']);
    expect(await complete('walq', '--config', 'other.toml', 'pause', '')).toEqual(['ledger']);
    expect(await complete('walq', '--config', 'walq-f')).toEqual(['walq-file.toml']);
    expect(await complete('walq', 'archive', 'wa')).toEqual([expect.stringMatching(/^wal\/?$/)]);
    expect(await complete('walq', 'mark-flushed', 'orders', '')).toEqual([]);
  });
});
