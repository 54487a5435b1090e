/** Builds what changed, for `npm run build`; the set-up does so too. */
import { buildPackages } from './setup/build-packages.mjs';
import { SetupError } from './setup/setup-error.mjs';

try {
  console.log(await buildPackages());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
