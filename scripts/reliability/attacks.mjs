/**
 * What attacks which promise: where the tests are, and who says whether something was lost. `tests` picks some of
 * a file's by their titles; `files` is a path's beginning.
 */
import { attacksOnPackages } from './attacks/on-packages.mjs';
import { attacksOnRoles } from './attacks/on-roles.mjs';

export const attacks = [...attacksOnPackages, ...attacksOnRoles];
