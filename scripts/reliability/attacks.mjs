/**
 * The attacks on each promise: their tests, and the oracle that detects a loss. `files` is a path prefix; `tests`
 * selects tests of these files by title.
 */
import { attacksOnPackages } from './attacks/on-packages.mjs';
import { attacksOnRoles } from './attacks/on-roles.mjs';

export const attacks = [...attacksOnPackages, ...attacksOnRoles];
