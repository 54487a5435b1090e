import { existsSync, readdirSync } from 'node:fs';
import { outputOf } from '../setup/output-of.mjs';

/** What suites may need: how to see that it is there, and Debian's packages with it. */
export const servers = {
  postgresql: { packages: ['postgresql'], isThere: hasPostgres },
  s3: {
    packages: ['radosgw', 'ceph-mon', 'ceph-osd'],
    isThere: () => runs('radosgw') && runs('ceph-mon') && runs('ceph-osd'),
  },
  browser: { packages: ['chromium'], isThere: () => runs('chromium') },
};

function runs(command) {
  return outputOf(command, ['--version']) !== undefined;
}

/** Debian keeps initdb off the PATH, below a folder for each version. */
function hasPostgres() {
  const folder = '/usr/lib/postgresql';
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return runs('initdb') || versions.some((version) => runs(`${folder}/${version}/bin/initdb`));
}
