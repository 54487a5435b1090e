/** Each round begins with the next one: nobody always runs behind the same. */
export const inTurn = <T>(items: readonly T[], round: number): T[] =>
  items.map((_, index) => items[(index + round) % items.length] as T);
