import type { DashboardConfig } from './config.ts';
import type { DashboardTable } from './dashboard-schema.ts';
import { readSecret, type Reading } from './named-file.ts';
import { problemAt } from './problems.ts';
import type { Secret } from './secret.ts';

/** What stands between a network and the archive's actions should not be guessed in an afternoon. */
const SECRET_CHARACTERS_MIN = 12;

/** The dashboard of a checked table, with what its files hold. */
export async function dashboardConfigOf(
  table: DashboardTable,
  reading: Reading,
): Promise<DashboardConfig> {
  const { listen, read_only, trusted_proxy, username } = table;
  const token = await longSecret(reading, 'token_file', table.token_file);
  const password = await longSecret(reading, 'password_file', table.password_file);
  const login =
    username === undefined || password === undefined ? undefined : { username, password };
  return { listen, readOnly: read_only, trustedProxy: trusted_proxy, token, login };
}

async function longSecret(
  reading: Reading,
  name: string,
  file: string | undefined,
): Promise<Secret | undefined> {
  const key = ['dashboard', name];
  const before = reading.problems.length;
  const secret = await readSecret(reading, key, file);
  const length = secret?.reveal().length ?? SECRET_CHARACTERS_MIN;
  if (length < SECRET_CHARACTERS_MIN && reading.problems.length === before) {
    const words = `expected at least ${SECRET_CHARACTERS_MIN} characters in the file, found ${length}`;
    reading.problems.push(problemAt(reading.settings, key, words));
  }
  return secret;
}
