/** It takes only PostgreSQL's WAL, from a cluster's own archiver: `postgres` of this package measures it there. */
import type { Contestant } from './contestant.ts';

export const pgBackRest: Contestant = {
  id: 'pgbackrest',
  title: 'pgBackRest',
  absence: 'takes WAL from a PostgreSQL server alone; see bench/README.md',
  deletes: false,
  open: () => Promise.reject(new Error('pgBackRest does not take part here')),
};
