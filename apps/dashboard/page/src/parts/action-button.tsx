/** A button that acts only after it has said what will happen, and was confirmed. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { act, Refused } from '../live/api.ts';
import { useNotify } from '../live/notices.tsx';

interface ActionButtonProps {
  readonly source: string;
  readonly action: string;
  readonly body?: Readonly<Record<string, string>>;
  /** On the button, and as the dialog's title. */
  readonly label: string;
  /** What will happen. */
  readonly children: ComponentChildren;
  /** Asks for a reason, which goes into the body. */
  readonly wantsReason?: boolean;
  readonly onDone?: () => void;
}

export function ActionButton(props: ActionButtonProps) {
  const { source, action, body = {}, label, children, wantsReason = false, onDone } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const notify = useNotify();
  const titleId = useId();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      const { message } = await act(source, action, wantsReason ? { ...body, reason } : body);
      notify(message, false);
      onDone?.();
    } catch (error) {
      const hint = error instanceof Refused ? error.hint : '';
      notify(`${label}: ${(error as Error).message}. ${hint}`, true);
    } finally {
      setBusy(false);
      dialog.current?.close();
    }
  };
  return (
    <>
      <button type="button" class="action" onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            confirm().catch((error: Error) => notify(error.message, true));
          }}
        >
          <h2 id={titleId}>{label}</h2>
          <p>{children}</p>
          {wantsReason && (
            <label>
              Reason, kept in the archive
              <textarea
                required
                minLength={3}
                maxLength={1000}
                rows={3}
                value={reason}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </label>
          )}
          <div class="dialog-buttons">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" class="primary" disabled={isBusy}>
              {label}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
