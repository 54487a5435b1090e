import { z } from 'zod';
import { refuseValue } from './refuse-key.ts';

/** An `http://` or `https://` URL that is used as it stands. */
export const serverUrl = z.string().superRefine((text, context) => {
  const isUrl = /^https?:\/\//i.test(text) && URL.canParse(text);
  const fault = isUrl ? faultOf(text, new URL(text)) : undefined;
  if (!isUrl || fault !== undefined) refuseValue(context, fault);
});

function faultOf(text: string, { username, password }: URL): string | undefined {
  if (/[\s\p{Cc}\\]/u.test(text)) return 'holds white space or a backslash';
  if (username !== '' || password !== '') return 'names a user; credentials do not belong there';
  if (/[?#]/.test(text)) return "has a '?' or '#', which would not be sent";
  return undefined;
}
