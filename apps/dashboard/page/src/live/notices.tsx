/** Shows the result of an action for a few seconds, and announces it to screen readers. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
}

export const NoticeContext = createContext<(text: string, isProblem: boolean) => void>(
  () => undefined,
);

export const useNotify = () => useContext(NoticeContext);

export const Notices = ({ notices }: { readonly notices: readonly Notice[] }) => (
  <div class="notices" role="status" aria-live="polite">
    {notices.map(({ id, text, isProblem }) => (
      <p key={id} class={isProblem ? 'notice problem' : 'notice'}>
        {text}
      </p>
    ))}
  </div>
);
