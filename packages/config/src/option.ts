/** What the schema of an option says of it, for problems, `walq check` and the documentation. */
import { z } from 'zod';

export interface OptionMeaning {
  /** What the option does, as a phrase. */
  readonly meaning: string;
  /** What is accepted, so that "expected …" reads well. */
  readonly expected: string;
  /** Of a number. */
  readonly unit?: string;
  /** As written in the file; absent where an option may be left out and then is off. */
  readonly default?: string;
}

/** Attaches its meaning to the schema of one option. */
export function option<S extends z.ZodType>(schema: S, about: OptionMeaning): S {
  return schema.meta({ ...about, description: about.meaning });
}

const meaningSchema = z.object({
  meaning: z.string(),
  expected: z.string(),
  unit: z.string().exactOptional(),
  default: z.string().exactOptional(),
});

/** The meaning attached to a schema; undefined where it is a table and not an option. */
export function meaningOf(schema: z.ZodType): OptionMeaning | undefined {
  return meaningSchema.safeParse(schema.meta()).data;
}
