/** A button with a dialog that says what will happen and asks for confirmation. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { act, RequestError } from '../live/api.ts';
import { useNotify } from '../live/notices.tsx';

interface ActionButtonProps {
  readonly source: string;
  readonly action: string;
  readonly body?: Readonly<Record<string, string>>;
  /** Label of the button and title of the dialog. */
  readonly label: string;
  /** What will happen. */
  readonly children: ComponentChildren;
  /** Whether the dialog asks for a reason, which is sent in the body. */
  readonly needsReason?: boolean;
  readonly onDone?: () => void;
}

export function ActionButton(props: ActionButtonProps) {
  const { source, action, body = {}, label, children, needsReason = false, onDone } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const notify = useNotify();
  const titleId = useId();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      const { message } = await act(source, action, needsReason ? { ...body, reason } : body);
      notify(message, false);
      onDone?.();
    } catch (error) {
      const hint = error instanceof RequestError ? error.hint : '';
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
          {needsReason && (
            <label>
              Reason (stored in the archive)
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
