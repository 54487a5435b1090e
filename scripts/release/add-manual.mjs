import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { releaseTime } from './pack-tree.mjs';

/** Where `man` and the shells find each below a prefix such as /usr/local, and the command that prints it. */
const files = {
  'share/man/man1/walq.1': ['man'],
  'share/bash-completion/completions/walq': ['completion', 'bash'],
  'share/zsh/site-functions/_walq': ['completion', 'zsh'],
  'share/fish/vendor_completions.d/walq.fish': ['completion', 'fish'],
};

/** The manual page and the completion of the shells, as this very tree prints them. */
export async function addManual(tree) {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(releaseTime().getTime() / 1000) };
  for (const [path, args] of Object.entries(files)) {
    const text = execFileSync(process.execPath, [join(tree, 'bin/walq.js'), ...args], { env });
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
}
